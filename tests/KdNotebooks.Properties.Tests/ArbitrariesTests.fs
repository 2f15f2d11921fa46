module KdNotebooks.Properties.Tests.ArbitrariesTests

open FsCheck.Xunit
open KdNotebooks.Properties
open global.Xunit

// The library with FsCheck's own attribute, as in anybody's tests.

let private l2 =
    Loss.unlabelled (fun student teacher -> KdNotebooks.Losses.L2Loss().Compute(student, teacher))

let private kd: Loss =
    fun student teacher _ -> KdNotebooks.Losses.KdLoss().Compute(student, teacher)

[<Property(Arbitrary = [| typeof<Arbitraries> |])>]
let ``Cases are drawn by their types`` (maps: FeatureMaps) (order: BatchPermutation) (direction: Direction) =
    Invariant.batchOrder l2 maps order = Finding.Held
    && Invariant.gradientIsSlope l2 maps direction = Finding.Held

[<Property(Arbitrary = [| typeof<Arbitraries> |])>]
let ``Logits come with their labels`` (logits: Logits) (shifts: Shifts) =
    LogitInvariant.logitShift kd logits shifts = Finding.Held

[<Property(Arbitrary = [| typeof<Arbitraries> |])>]
let ``Every type has a generator``
    (targets: Targets)
    (Temperature temperature)
    (PositiveScale factor)
    (ChannelPermutation channels)
    (PositionPermutation positions)
    (affine: PositiveAffine)
    (similarity: Similarity)
    (aligner: AlignerCase)
    =
    Array.forall (fun label -> label < targets.Classes) targets.Labels
    && temperature > 0.0
    && factor > 0.0
    && channels.Of(3).Length = 3
    && positions.Of(16).Length = 16
    && affine.Apply(0, 1.0) > affine.Apply(0, 0.0)
    && similarity.Factor > 0.0
    && aligner.Student.Shape.Length = 4

[<Fact>]
let ``A case prints as its tensors`` () =
    let maps: FeatureMaps =
        {
            Student = Numbers.init [ 1; 2; 1; 2 ] float
            Teacher = Numbers.init [ 1; 2; 1; 2 ] (fun _ -> 0.5)
        }

    Assert.Equal(
        "student [1, 2, 1, 2]\n  [0, 0, 0, :]  0  1\n  [0, 1, 0, :]  2  3\n"
        + "teacher [1, 2, 1, 2]\n  [0, 0, 0, :]  0.5  0.5\n  [0, 1, 0, :]  0.5  0.5",
        string maps
    )
