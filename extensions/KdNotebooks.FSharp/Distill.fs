namespace KdNotebooks.FSharp

open KdNotebooks.Aligners
open KdNotebooks.Data
open KdNotebooks.Datasets
open KdNotebooks.Distillation
open KdNotebooks.Models
open KdNotebooks.Recipes
open KdNotebooks.Weights
open KdNotebooks.Losses
open KdNotebooks.Native
open KdNotebooks.Runtime
open KdNotebooks.Tasks
open KdNotebooks.Training

/// An aligner with a loss and a weight of its own: what `by` makes for `connect`.
type Comparison =
    {
        Through: IAligner
        Own: (IFeatureLoss * float) option
    }

/// What stands within a line `connect`.
[<AutoOpen>]
module Connecting =
    /// A loss and a weight for one connection alone: `connect "layer2" "layer2" (identityAligner |> by (AtLoss()) 50.0)`.
    /// Without it the recipe's `compare` and `alpha` hold.
    let by (loss: IFeatureLoss) (weight: float) (aligner: #IAligner) =
        {
            Through = aligner :> IAligner
            Own = Some(loss, weight)
        }

/// A recipe while it is being written: the spatial policy holds for all its connections, the loss and alpha for those
/// without their own.
type Draft =
    {
        HasData: bool
        HasStudent: bool
        Wires: (int * string * string * Comparison) list
        Beside: FurtherTeacher list
        Scores: string list
        FeatureLoss: IFeatureLoss
        Spatial: SpatialPolicy
        Alpha: float
        WarmUp: int
        Recipe: Recipe
    }

/// Builds a recipe, one line a decision; what is left out keeps the defaults of `Recipe`.
type RecipeBuilder() =
    let change (draft: Draft) recipe = { draft with Recipe = recipe }

    let ruled draft (rule: ParameterRules -> ParameterRules) =
        let known =
            match draft.Recipe.Parameters with
            | null -> ParameterRules.None
            | rules -> rules

        change draft (draft.Recipe.With(parameters = rule known))

    let require has what =
        if not has then
            raise (KdException $"distill {{ ... }}: the line `{what}` is missing; every recipe needs one.")

    member _.Yield(_: unit) =
        {
            HasData = false
            HasStudent = false
            Wires = []
            Beside = []
            Scores = []
            FeatureLoss = L2Loss()
            Spatial = SpatialPolicy.None
            Alpha = 1.0
            WarmUp = 0
            Recipe = Recipe(Method = "distilled", Data = DataSpec "", Student = ResNetSpec())
        }

    member _.Run(draft: Draft) =
        require draft.HasData "data"
        require draft.HasStudent "student"

        let connect (_, student, teacher, comparison) =
            let loss, alpha = defaultArg comparison.Own (draft.FeatureLoss, draft.Alpha)
            Connection(student, teacher, comparison.Through, loss, alpha, draft.Spatial, draft.WarmUp)

        let connectionsTo teacher =
            draft.Wires
            |> List.rev
            |> List.filter (fun (wired, _, _, _) -> wired = teacher)
            |> List.map connect

        let connections = connectionsTo 0

        let scored =
            match draft.Scores with
            | [] -> connections
            | paths when paths.Length = connections.Length ->
                List.map2 (fun (c: Connection) path -> c.With(scores = path)) connections paths
            | paths ->
                raise (
                    KdException
                        $"distill {{ ... }}: the line `scoredBy` names {paths.Length} path(s) for \
                        {connections.Length} connection(s); expected one for each, in their order."
                )

        let beside =
            draft.Beside
            |> List.rev
            |> List.mapi (fun i teacher -> teacher.With(connections = List.toArray (connectionsTo (i + 1))))

        let first =
            draft.Recipe
                .MapReview(fun review -> review.With(warmUp = draft.WarmUp))
                .With(connections = List.toArray scored)

        if beside.IsEmpty then
            first
        else
            first.With(furtherTeachers = List.toArray beside)

    /// Which images: `data FashionMnist.mini`.
    [<CustomOperation "data">]
    member _.Data(draft, spec) =
        { change draft (draft.Recipe.With(data = spec)) with
            HasData = true
        }

    /// What is learned: `task segmentation`; the default is classification. Segmentation begins with random sizes,
    /// mirror images and colors of whole images; `augment` changes that.
    [<CustomOperation "task">]
    member _.Task(draft, task: ITaskSpec) =
        // What another task begins with gives way; what was chosen stays.
        let augmentation =
            if draft.Recipe.Augmentation.Equals draft.Recipe.Task.UsualAugmentation then
                task.UsualAugmentation
            else
                draft.Recipe.Augmentation

        change draft (draft.Recipe.With(task = task, augmentation = augmentation))

    /// Which trained teacher: `teacher (Pretrained.model "fashion-teacher")`.
    [<CustomOperation "teacher">]
    member _.Teacher(draft, spec) =
        change draft (draft.Recipe.With(teacher = spec))

    /// Another teacher beside the first one, all of whose terms are multiplied by this weight. What follows it (`connect`,
    /// `connectEach`, `review`, `logits`) holds the student to it: `alsoTeacher (Pretrained.model "b.safetensors") 0.5`.
    [<CustomOperation "alsoTeacher">]
    member _.AlsoTeacher(draft, spec: TeacherSpec, weight: float) =
        { draft with
            Beside = FurtherTeacher(spec, weight) :: draft.Beside
        }

    /// Which untrained student: `student (Resnet.small 8)`.
    [<CustomOperation "student">]
    member _.Student(draft, spec) =
        { change draft (draft.Recipe.With(student = spec)) with
            HasStudent = true
        }

    /// The student's backbone begins with these weights, a safetensors file: `startFrom "resnet18_v1c.safetensors"`. A
    /// classifier begins with all of them; where they are of other classes, its last layer keeps what the seed draws.
    [<CustomOperation "startFrom">]
    member _.StartFrom(draft, file: string) =
        change draft (draft.Recipe.With(initial = InitialWeights file))

    /// Says which of the student's modules begins with them (`""` is the whole student), and what stands before the
    /// names in the file: `startFrom (InitialWeights("mine.safetensors", "", "teacher"))`.
    [<CustomOperation "startFrom">]
    member _.StartFrom(draft, weights: InitialWeights) =
        change draft (draft.Recipe.With(initial = weights))

    /// These parts of the student begin with the teacher's weights, which has the same there: `inherits [
    /// "backbone.fpn"; "head" ]`. All else begins as it would without.
    [<CustomOperation "inherits">]
    member _.Inherits(draft, paths: string list) =
        change draft (draft.Recipe.With(inherited = List.toArray paths))

    /// Holds a map of the student (by module path) to one of the teacher, through an aligner, by a loss of its own.
    [<CustomOperation "connect">]
    member _.Connect(draft, student: string, teacher: string, comparison: Comparison) =
        { draft with
            Wires = (draft.Beside.Length, student, teacher, comparison) :: draft.Wires
        }

    /// Holds a map of the student (by module path) to one of the teacher, through an aligner: `connect "layer3" "layer3"
    /// (channelMlp 1)`; with a loss and a weight of its own `(channelMlp 1 |> by (l2 Reduction.Mean) 5.0)`.
    [<CustomOperation "connect">]
    member this.Connect(draft: Draft, student: string, teacher: string, aligner: IAligner) =
        this.Connect(draft, student, teacher, { Through = aligner; Own = None })

    /// Holds several maps to the teacher's at the same paths, each through an aligner of its own: `connectEach
    /// (Detector.pyramid 4) (channelMlp 1)`.
    [<CustomOperation "connectEach">]
    member this.ConnectEach(draft: Draft, paths: string list, aligner: IAligner) =
        (draft, paths)
        ||> List.fold (fun draft path -> this.Connect(draft, path, path, aligner))

    /// Where the teacher's class logits for each connection are, in their order, for a loss that weighs positions by them:
    /// `connectEach (Detector.pyramid 4) (channelMlp 1)`, `compare (ScoreL2Loss())`, `scoredBy (Detector.proposalScores 4)`.
    [<CustomOperation "scoredBy">]
    member _.ScoredBy(draft: Draft, paths: string list) = { draft with Scores = paths }

    /// How maps are compared; the default is the squared L2 with the mean reduction.
    [<CustomOperation "compare">]
    member _.Compare(draft: Draft, loss: IFeatureLoss) = { draft with FeatureLoss = loss }

    /// What to do where the maps' sizes differ; the default refuses.
    [<CustomOperation "spatial">]
    member _.Spatial(draft: Draft, policy) = { draft with Spatial = policy }

    /// The weight of the feature loss beside the task loss; it belongs to the loss's reduction.
    [<CustomOperation "alpha">]
    member _.Alpha(draft: Draft, weight) = { draft with Alpha = weight }

    /// Epochs over which alpha, and the weight of a review, grow to their value; the default is 0: they have it from the
    /// start.
    [<CustomOperation "warmUp">]
    member _.WarmUp(draft: Draft, epochs) = { draft with WarmUp = epochs }

    /// The weight of the task loss; the default is 1.
    [<CustomOperation "taskWeight">]
    member _.TaskWeight(draft, weight) =
        change draft (draft.Recipe.With(taskWeight = weight))

    /// Holds several stages to the teacher together, from shallow to deep, each with what the deeper ones know:
    /// `review [ "layer2", "layer2"; "layer3", "layer3" ] (HclLoss()) 1.0`. (ReviewKD's fusion.)
    [<CustomOperation "review">]
    member _.Review(draft, stages: (string * string) list, loss: IFeatureLoss, weight) =
        let fused = FusedConnection([| for pair in stages -> Stage pair |], loss, weight)

        match draft.Beside with
        | [] -> change draft (draft.Recipe.With(fused = fused))
        | last :: others ->
            { draft with
                Beside = last.With(fused = fused) :: others
            }

    /// Holds the student's logits to the teacher's: `logits (kd 4.0) 0.9`.
    [<CustomOperation "logits">]
    member _.Logits(draft, loss: ILogitLoss, weight) =
        let logits = LogitConnection(loss, weight)

        match draft.Beside with
        | [] -> change draft (draft.Recipe.With(logits = logits))
        | last :: others ->
            { draft with
                Beside = last.With(logits = logits) :: others
            }

    /// The default is SGD at 0.1 with momentum 0.9 and weight decay 5e-4.
    [<CustomOperation "optimizer">]
    member _.Optimizer(draft, optimizer: IOptimizer) =
        change draft (draft.Recipe.With(optimizer = optimizer))

    /// The earlier spelling of `optimizer`.
    [<CustomOperation "optimiser">]
    member this.Optimiser(draft: Draft, optimizer: IOptimizer) = this.Optimizer(draft, optimizer)

    /// The default is a cosine down to 0.
    [<CustomOperation "schedule">]
    member _.Schedule(draft, schedule: ISchedule) =
        change draft (draft.Recipe.With(schedule = schedule))

    /// How often the student is measured and kept; an epoch is one pass over the images, unless `iterations` says
    /// otherwise. The default is 8.
    [<CustomOperation "epochs">]
    member _.Epochs(draft, count) =
        change draft (draft.Recipe.With(epochs = count))

    /// Steps in all, cut into the epochs: `iterations 40000` with `epochs 10` measures after each 4,000.
    [<CustomOperation "iterations">]
    member _.Iterations(draft, count: int) =
        change draft (draft.Recipe.With(iterations = count))

    /// Images a step; the default is 128.
    [<CustomOperation "batchSize">]
    member _.BatchSize(draft, count) =
        change draft (draft.Recipe.With(batchSize = count))

    /// Largest L2 norm of a step's gradient; the default does not clip.
    [<CustomOperation "clip">]
    member _.Clip(draft, norm: float) =
        change draft (draft.Recipe.With(clipNorm = norm))

    /// Adds up the gradients of this many batches to one step; clipping then sees the sum. The default is 1.
    [<CustomOperation "accumulate">]
    member _.Accumulate(draft, batches: int) =
        change draft (draft.Recipe.With(accumulate = batches))

    /// Keeps and measures an average of the student's weights over its steps, which decays by this factor: `average
    /// 0.999`. It is "average" among the epochs of the results.
    [<CustomOperation "average">]
    member _.Average(draft, decay: float) =
        change draft (draft.Recipe.With(average = WeightAverage decay))

    /// The same with all that an average has: `average (WeightAverage(0.9999, WarmUp = true))`.
    [<CustomOperation "average">]
    member _.Average(draft, average: WeightAverage) =
        change draft (draft.Recipe.With(average = average))

    /// Ends training when validation was not better for this many epochs: `earlyStopping 10`. Test images are not looked at.
    [<CustomOperation "earlyStopping">]
    member _.EarlyStopping(draft, patience: int) =
        change draft (draft.Recipe.With(earlyStopping = EarlyStopping patience))

    /// The same where a better epoch must be better by more than this: `earlyStopping (EarlyStopping(10, 0.1))`.
    [<CustomOperation "earlyStopping">]
    member _.EarlyStopping(draft, rule: EarlyStopping) =
        change draft (draft.Recipe.With(earlyStopping = rule))

    /// These module paths of the student keep their weights and statistics: `frozen [ "backbone.layer1" ]`.
    [<CustomOperation "frozen">]
    member _.Frozen(draft, paths: string list) =
        ruled draft (fun r -> ParameterRules(List.toArray paths, r.FrozenNorms, r.Rates))

    /// The batch normalizations at and below these paths keep their statistics and weights: `frozenNorms [ "" ]` is all.
    [<CustomOperation "frozenNorms">]
    member _.FrozenNorms(draft, paths: string list) =
        ruled draft (fun r -> ParameterRules(r.Frozen, List.toArray paths, r.Rates))

    /// Another learning rate for these parts, as a factor on the recipe's: `rates [ "backbone", 0.1 ]`.
    [<CustomOperation "rates">]
    member _.Rates(draft, factors: (string * float) list) =
        let rates = [| for path, factor in factors -> ModuleRate(path, factor) |]
        ruled draft (fun r -> ParameterRules(r.Frozen, r.FrozenNorms, rates))

    /// The default crops after 2 pixels of padding and flips, anew each epoch; with label maps `Scene.crop 64 64`.
    [<CustomOperation "augment">]
    member _.Augment(draft, augmentation: IAugmentation) =
        change draft (draft.Recipe.With(augmentation = augmentation))

    /// "auto", "cpu" or "cuda:N"; the default is "auto".
    [<CustomOperation "device">]
    member _.Device(draft, name) =
        change draft (draft.Recipe.With(device = name))

    /// The default is 1.
    [<CustomOperation "seed">]
    member _.Seed(draft, number) =
        change draft (draft.Recipe.With(seed = number))

    /// What the run is called in tables.
    [<CustomOperation "named">]
    member _.Named(draft, name) =
        change draft (draft.Recipe.With(``method`` = name))
