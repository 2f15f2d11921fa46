namespace KdNotebooks.FSharp

open System
open KdNotebooks.Distillation
open KdNotebooks.Recipes

/// As for recipes: one place that knows all fields, so that no change of one forgets another.
[<AutoOpen>]
module ConnectionExtensions =
    type Connection with

        /// A copy with the named fields changed: `connection.With(alpha = 2.0)`.
        member c.With(?student, ?teacher, ?aligner, ?loss, ?alpha, ?spatial, ?warmUp, ?scores) =
            Connection(
                defaultArg student c.Student,
                defaultArg teacher c.Teacher,
                defaultArg aligner c.Aligner,
                defaultArg loss c.Loss,
                defaultArg alpha c.Alpha,
                defaultArg spatial c.Spatial,
                defaultArg warmUp c.WarmUp,
                defaultArg scores c.Scores
            )

    type FusedConnection with

        /// A copy with the named fields changed.
        member f.With(?stages, ?loss, ?alpha, ?mid: int, ?warmUp) =
            FusedConnection(
                defaultArg stages f.Stages,
                defaultArg loss f.Loss,
                defaultArg alpha f.Alpha,
                (mid |> Option.map Nullable |> Option.defaultValue f.Mid),
                defaultArg warmUp f.WarmUp
            )

    type FurtherTeacher with

        /// A copy with the named fields changed.
        member t.With(?teacher, ?weight, ?connections, ?fused, ?logits) =
            FurtherTeacher(
                defaultArg teacher t.Teacher,
                defaultArg weight t.Weight,
                Connections = defaultArg connections t.Connections,
                Fused = defaultArg fused t.Fused,
                Logits = defaultArg logits t.Logits
            )
