module KdNotebooks.FSharp.Tests.ConnectionExtensionsTests

open System
open KdNotebooks.Distillation
open KdNotebooks.FSharp
open KdNotebooks.Losses
open Xunit

// No field at its default, so that one that is forgotten shows.
let private connection =
    Connection("a", "b", channelMlp 2, l2 Reduction.SumPerBatch, 3.0, SpatialPolicy.Resize, 4, "x")

let private review =
    FusedConnection([| Stage("a", "b"); Stage("c", "d") |], HclLoss(), 3.0, Nullable 5, 4)

[<Fact>]
let ``With nothing named every field is copied`` () =
    Assert.Equal(connection, connection.With())
    Assert.Equal(review, review.With())

[<Fact>]
let ``A field of a connection that is named changes, and it alone`` () =
    let all =
        connection.With(
            student = "s",
            teacher = "t",
            aligner = linearAligner,
            loss = L2Loss(),
            alpha = 9.0,
            spatial = SpatialPolicy.Pool,
            warmUp = 8,
            scores = "y"
        )

    Assert.Equal(Connection("s", "t", linearAligner, L2Loss(), 9.0, SpatialPolicy.Pool, 8, "y"), all)

    Assert.Equal(
        Connection("a", "b", channelMlp 2, l2 Reduction.SumPerBatch, 9.0, SpatialPolicy.Resize, 4, "x"),
        connection.With(alpha = 9.0)
    )

[<Fact>]
let ``A field of a review that is named changes, and it alone`` () =
    let stages = [| Stage("e", "f"); Stage("g", "h") |]

    Assert.Equal(
        FusedConnection(stages, L2Loss(), 9.0, Nullable 6, 8),
        review.With(stages = stages, loss = L2Loss(), alpha = 9.0, mid = 6, warmUp = 8)
    )

    Assert.Equal(FusedConnection(review.Stages, review.Loss, 3.0, Nullable 5, 8), review.With(warmUp = 8))
