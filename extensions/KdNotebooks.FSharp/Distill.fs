namespace KdNotebooks.FSharp

open System
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

/// A recipe while it is being written: the loss, alpha and spatial policy hold for all its connections.
type Draft =
    {
        HasData: bool
        HasStudent: bool
        Wires: (string * string * IAligner) list
        FeatureLoss: IFeatureLoss
        Spatial: SpatialPolicy
        Alpha: float
        WarmUp: int
        Recipe: Recipe
    }

/// Builds a recipe, one line a decision; what is left out keeps the defaults of `Recipe`.
type RecipeBuilder() =
    let change (draft: Draft) recipe = { draft with Recipe = recipe }

    let require has what =
        if not has then
            raise (KdException $"distill {{ ... }}: the line `{what}` is missing; every recipe needs one.")

    member _.Yield(_: unit) =
        {
            HasData = false
            HasStudent = false
            Wires = []
            FeatureLoss = L2Loss()
            Spatial = SpatialPolicy.None
            Alpha = 1.0
            WarmUp = 0
            Recipe = Recipe(Method = "distilled", Data = DataSpec "", Student = ResNetSpec())
        }

    member _.Run(draft: Draft) =
        require draft.HasData "data"
        require draft.HasStudent "student"

        let connect (student, teacher, aligner) =
            Connection(student, teacher, aligner, draft.FeatureLoss, draft.Alpha, draft.Spatial, draft.WarmUp)

        draft.Recipe
            .MapReview(fun review -> review.With(warmUp = draft.WarmUp))
            .With(connections = (draft.Wires |> List.rev |> List.map connect |> List.toArray))

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

    /// Which untrained student: `student (Resnet.small 8)`.
    [<CustomOperation "student">]
    member _.Student(draft, spec) =
        { change draft (draft.Recipe.With(student = spec)) with
            HasStudent = true
        }

    /// The student's backbone begins with these weights, a safetensors file: `startFrom "resnet18_v1c.safetensors"`.
    [<CustomOperation "startFrom">]
    member _.StartFrom(draft, file: string) =
        change draft (draft.Recipe.With(initial = InitialWeights file))

    /// Holds a map of the student (by module path) to one of the teacher, through an aligner.
    [<CustomOperation "connect">]
    member _.Connect(draft, student: string, teacher: string, aligner: IAligner) =
        { draft with
            Wires = (student, teacher, aligner) :: draft.Wires
        }

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
        change draft (draft.Recipe.With(fused = FusedConnection([| for pair in stages -> Stage pair |], loss, weight)))

    /// Holds the student's logits to the teacher's: `logits (kd 4.0) 0.9`.
    [<CustomOperation "logits">]
    member _.Logits(draft, loss: ILogitLoss, weight) =
        change draft (draft.Recipe.With(logits = LogitConnection(loss, weight)))

    /// The default is SGD at 0.1 with momentum 0.9 and weight decay 5e-4.
    [<CustomOperation "optimizer">]
    member _.Optimizer(draft, optimizer: IOptimizer) =
        change draft (draft.Recipe.With(optimizer = optimizer))

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
        change draft (draft.Recipe.With(iterations = Nullable count))

    /// Images a step; the default is 128.
    [<CustomOperation "batchSize">]
    member _.BatchSize(draft, count) =
        change draft (draft.Recipe.With(batchSize = count))

    /// Largest L2 norm of a step's gradient; the default does not clip.
    [<CustomOperation "clip">]
    member _.Clip(draft, norm: float) =
        change draft (draft.Recipe.With(clipNorm = Nullable norm))

    /// Parts of the student that are frozen or have learning rates of their own; by default none:
    /// `parameters (ParameterRules(Frozen = [| "backbone.layer1" |]))`.
    [<CustomOperation "parameters">]
    member _.Parameters(draft, rules: ParameterRules) =
        change draft (draft.Recipe.With(parameters = rules))

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
