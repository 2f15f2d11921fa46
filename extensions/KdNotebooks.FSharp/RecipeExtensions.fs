namespace KdNotebooks.FSharp

open System
open System.Collections.Generic
open KdNotebooks.Training
open KdNotebooks.Data
open KdNotebooks.Distillation
open KdNotebooks.Models
open KdNotebooks.Recipes
open KdNotebooks.Tasks

/// F# has no `with` for C# records; this stands in for it.
[<AutoOpen>]
module RecipeExtensions =
    let private orKept (kept: Nullable<'a>) value =
        value |> Option.map Nullable |> Option.defaultValue kept

    type Recipe with

        /// A copy with the named fields changed: `recipe.With(seed = 2, epochs = 20)`. What a number takes back again is
        /// said by a word: `withoutClip`, `withoutIterations`.
        member r.With
            (
                ?``method``,
                ?data,
                ?task: ITaskSpec,
                ?teacher,
                ?furtherTeachers: IReadOnlyList<FurtherTeacher> | null,
                ?student: IModelSpec,
                ?initial,
                ?inherited,
                ?connections,
                ?fused,
                ?logits,
                ?taskWeight,
                ?optimizer,
                ?schedule,
                ?epochs,
                ?iterations: int,
                ?batchSize,
                ?clipNorm: float,
                ?accumulate: int,
                ?average: WeightAverage | null,
                ?earlyStopping: EarlyStopping | null,
                ?parameters: ParameterRules | null,
                ?augmentation: IAugmentation,
                ?device,
                ?seed
            ) =
            Recipe(
                Method = defaultArg ``method`` r.Method,
                Data = defaultArg data r.Data,
                Task = defaultArg task r.Task,
                Teacher = defaultArg teacher r.Teacher,
                FurtherTeachers = defaultArg furtherTeachers r.FurtherTeachers,
                Student = defaultArg student r.Student,
                Initial = defaultArg initial r.Initial,
                Inherited = defaultArg inherited r.Inherited,
                Connections = defaultArg connections r.Connections,
                Fused = defaultArg fused r.Fused,
                Logits = defaultArg logits r.Logits,
                TaskWeight = defaultArg taskWeight r.TaskWeight,
                Optimizer = defaultArg optimizer r.Optimizer,
                Schedule = defaultArg schedule r.Schedule,
                Epochs = defaultArg epochs r.Epochs,
                Iterations = orKept r.Iterations iterations,
                BatchSize = defaultArg batchSize r.BatchSize,
                ClipNorm = orKept r.ClipNorm clipNorm,
                Accumulate = orKept r.Accumulate accumulate,
                Average = defaultArg average r.Average,
                EarlyStopping = defaultArg earlyStopping r.EarlyStopping,
                Parameters = defaultArg parameters r.Parameters,
                Augmentation = defaultArg augmentation r.Augmentation,
                Device = defaultArg device r.Device,
                Seed = defaultArg seed r.Seed
            )

        /// A copy with every connection changed, those to further teachers too.
        member r.MapConnections(change: Connection -> Connection) =
            let changed = r.With(connections = (r.Connections |> Seq.map change |> Seq.toArray))

            match r.FurtherTeachers with
            | null -> changed
            | further ->
                changed.With(
                    furtherTeachers =
                        [|
                            for one in further ->
                                one.With(connections = (one.Connections |> Seq.map change |> Seq.toArray))
                        |]
                )

        /// A copy with the review changed, where there is one.
        member r.MapReview(change: FusedConnection -> FusedConnection) =
            match r.Fused with
            | null -> r
            | review -> r.With(fused = change review)

        /// A copy that is held to its first teacher in this way and to nothing else; a student alone has no teacher, and the
        /// task at its full weight of 1.
        member r.HeldBy(guidance: Guidance) =
            let held =
                r.With(
                    connections = guidance.Connections,
                    logits = guidance.Logits,
                    fused = guidance.Fused,
                    furtherTeachers = null
                )

            if held.Distils then held else held.Alone()

    /// The recipe whose gradients are not clipped.
    let withoutClip (recipe: Recipe) = recipe.WithoutClip()

    /// The recipe whose epochs are passes over the images.
    let withoutIterations (recipe: Recipe) = recipe.WithoutIterations()

    /// The recipe that keeps no average of its student's weights.
    let withoutAverage (recipe: Recipe) = recipe.WithoutAverage()

    /// The recipe that trains to its last epoch.
    let withoutEarlyStopping (recipe: Recipe) = recipe.WithoutEarlyStopping()
