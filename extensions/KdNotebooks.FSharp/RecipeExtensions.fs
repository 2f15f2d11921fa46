namespace KdNotebooks.FSharp

open KdNotebooks.Training
open KdNotebooks.Data
open KdNotebooks.Distillation
open KdNotebooks.Models
open KdNotebooks.Recipes
open KdNotebooks.Tasks

/// F# has no `with` for C# records; this stands in for it.
[<AutoOpen>]
module RecipeExtensions =
    type Recipe with

        /// A copy with the named fields changed: `recipe.With(seed = 2, epochs = 20)`.
        member r.With
            (
                ?``method``,
                ?data,
                ?task: ITaskSpec,
                ?teacher,
                ?student: IModelSpec,
                ?initial,
                ?connections,
                ?fused,
                ?logits,
                ?taskWeight,
                ?optimizer,
                ?schedule,
                ?epochs,
                ?iterations,
                ?batchSize,
                ?clipNorm,
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
                Connections = defaultArg connections r.Connections,
                Fused = defaultArg fused r.Fused,
                Logits = defaultArg logits r.Logits,
                TaskWeight = defaultArg taskWeight r.TaskWeight,
                Optimizer = defaultArg optimizer r.Optimizer,
                Schedule = defaultArg schedule r.Schedule,
                Epochs = defaultArg epochs r.Epochs,
                Iterations = defaultArg iterations r.Iterations,
                BatchSize = defaultArg batchSize r.BatchSize,
                ClipNorm = defaultArg clipNorm r.ClipNorm,
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
