namespace KdNotebooks.FSharp

open System
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
                Parameters = defaultArg parameters r.Parameters,
                Augmentation = defaultArg augmentation r.Augmentation,
                Device = defaultArg device r.Device,
                Seed = defaultArg seed r.Seed
            )

        /// A copy with every connection changed.
        member r.MapConnections(change: Connection -> Connection) =
            r.With(connections = (r.Connections |> Seq.map change |> Seq.toArray))

        /// A copy with the review changed, where there is one.
        member r.MapReview(change: FusedConnection -> FusedConnection) =
            match r.Fused with
            | null -> r
            | review -> r.With(fused = change review)

        /// A copy that is held to its teacher in this way and no other; a student alone has no teacher, and the task at
        /// its full weight of 1.
        member r.HeldBy(guidance: Guidance) =
            let held =
                r.With(connections = guidance.Connections, logits = guidance.Logits, fused = guidance.Fused)

            if held.Distils then held else held.Alone()

    /// The recipe whose gradients are not clipped.
    let withoutClip (recipe: Recipe) = recipe.WithoutClip()

    /// The recipe whose epochs are passes over the images.
    let withoutIterations (recipe: Recipe) = recipe.WithoutIterations()
