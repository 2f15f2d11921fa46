module KdNotebooks.Properties.Tests.InvariantTests

open KdNotebooks.Losses
open KdNotebooks.Properties
open KdNotebooks.Runtime
open TorchSharp
open global.Xunit

type private Tensor = torch.Tensor

// Each invariant alone, with one case: what it says where it holds and where it does not.

let private maps shape (student: float list) (teacher: float list) : FeatureMaps =
    {
        Student =
            {
                Shape = shape
                Values = Array.ofList student
            }
        Teacher =
            {
                Shape = shape
                Values = Array.ofList teacher
            }
    }

let private logits shape student teacher labels : Logits =
    let maps = maps shape student teacher

    {
        Student = maps.Student
        Teacher = maps.Teacher
        Targets = { Classes = shape[1]; Labels = labels }
    }

let private two = maps [ 2; 1; 1; 1 ] [ 1.0; 3.0 ] [ 0.0; 1.0 ]

let private channels =
    maps [ 1; 2; 1; 2 ] [ 1.0; 2.0; -1.0; 3.0 ] [ 0.5; 0.0; 1.0; 2.0 ]

let private scores =
    logits [ 2; 2 ] [ 1.0; 0.0; 2.0; 0.0 ] [ 0.0; 1.0; 1.0; 1.0 ] [| 1; 0 |]

let private scoped loss = Loss.unlabelled (Loss.scoped loss)
let private l2 = scoped (fun s t -> (s - t.detach ()).square().mean())
let private swap = { Picks = [ 1 ] }

let private holds (finding: Finding) = Assert.Equal(Finding.Held, finding)

let private breaks expected finding =
    Assert.Equal(expected, Setup.message finding)

[<Fact>]
let ``Finite value and gradient`` () =
    holds (Invariant.finite l2 two)

    Invariant.finite (scoped (fun s _ -> s.log().sum())) (maps [ 1; 1; 1; 1 ] [ 0.0 ] [ 0.0 ])
    |> breaks "the loss is -Infinity; expected a finite number"

    Invariant.finite (scoped (fun s _ -> s.sqrt().sum())) (maps [ 1; 1; 1; 2 ] [ 1.0; 0.0 ] [ 0.0; 0.0 ])
    |> breaks "the gradient along student[0, 0, 0, 1] is Infinity; expected a finite number"

[<Fact>]
let ``No gradient to the teacher`` () =
    holds (Invariant.teacherUntouched l2 two)

    Invariant.teacherUntouched (scoped (fun s t -> (s - t).square().sum())) two
    |> breaks "a gradient reaches the teacher (at most 4 here); expected none: detach it"

[<Fact>]
let ``A loss without a gradient leaves the teacher alone`` () =
    holds (Invariant.teacherUntouched (scoped (fun s t -> (s - t).detach().sum())) two)

[<Fact>]
let ``The order of images, with their labels`` () =
    holds (Invariant.batchOrder l2 two (BatchPermutation swap))

    Invariant.batchOrder (scoped (fun s t -> (s - t).select(0L, 0L).sum())) two (BatchPermutation swap)
    |> breaks "the loss is 1; with the images in the order [1, 0] it is 2"

    let ofLabels: Loss = fun s _ labels -> torch.nn.functional.cross_entropy (s, labels)

    holds (Invariant.batchOrder ofLabels scores (BatchPermutation swap))

[<Fact>]
let ``At least zero, but for rounding`` () =
    holds (Invariant.nonNegative l2 two)
    holds (Invariant.nonNegative (scoped (fun s _ -> s.sum () * 0.0 - 1e-7)) two)

    Invariant.nonNegative (scoped (fun s t -> (t - s).sum())) two
    |> breaks "the loss is -3; expected at least 0"

[<Fact>]
let ``Zero at equality, with a gradient of zero`` () =
    holds (Invariant.zeroAtEquality l2 two)

    Invariant.zeroAtEquality (scoped (fun s t -> (s - t).sum() + 2.0)) two
    |> breaks "the loss is 2 where student and teacher are equal; expected 0"

    Invariant.zeroAtEquality (scoped (fun s t -> (s - t).sum() * 3.0)) two
    |> breaks "its gradient is up to 3 where student and teacher are equal; expected 0"

    Invariant.zeroAtEquality (scoped (fun s t -> ((s - t) / (s - t)).sum())) two
    |> breaks "the loss is NaN where student and teacher are equal; expected 0"

[<Fact>]
let ``The layout in memory, of maps and of logits`` () =
    holds (Invariant.layoutFree l2 channels)
    holds (Invariant.layoutFree (Loss.unlabelled (fun s t -> KdLoss().Compute(s, t))) scores)

    let byLayout (s: Tensor) (t: Tensor) =
        (s - t).square().sum() * (if s.is_contiguous () then 1.0 else 2.0)

    Invariant.layoutFree (scoped byLayout) channels
    |> breaks "the loss is 9.25 for contiguous inputs; with both in the other layout 18.5"

[<Fact>]
let ``A layout in which only the gradient is another`` () =
    let byLayout (s: Tensor) (t: Tensor) =
        let other = if s.is_contiguous () then s else s.detach ()
        ((s - t) * (other - t)).sum()

    Invariant.layoutFree (scoped byLayout) channels
    |> Setup.message
    |> fun message -> Assert.StartsWith("the gradient along student[0, 0, 0, 0] is 1 for contiguous inputs", message)

[<Fact>]
let ``Nothing but the result alive`` () =
    holds (Invariant.nothingLeft l2 two)

    Invariant.nothingLeft (Loss.unlabelled (fun s t -> (s - t).square().mean())) two
    |> Setup.message
    |> fun message -> Assert.StartsWith("2 tensors besides the result are alive after the call", message)

    let greedy (s: Tensor) (t: Tensor) =
        let result = (s - t).sum()
        t.Dispose()
        result

    Invariant.nothingLeft (Loss.unlabelled greedy) two
    |> breaks "an input is disposed of by the call; expected it to stay the caller's"

[<Fact>]
let ``Single precision for single precision`` () =
    holds (Invariant.precisionKept l2 two)

    Invariant.precisionKept (scoped (fun s t -> (s - t).sum().``to`` torch.float64)) two
    |> breaks "for float32 inputs it gives Float64; expected Float32"

    let rounds (s: Tensor) (t: Tensor) =
        let sum = (s - t).sum() + 0.1

        if s.dtype = torch.float32 then
            sum.``to``(torch.bfloat16).``to`` torch.float32
        else
            sum

    Invariant.precisionKept (scoped rounds) two
    |> breaks "the loss is 3.1 in float64 and 3.09375 in float32"

[<Fact>]
let ``The gradient is the slope, along each coordinate of a small case`` () =
    holds (Invariant.gradientIsSlope l2 two (Direction 0))

    Invariant.gradientIsSlope (scoped (fun s t -> ((s - t) * (s - t).detach()).mean())) two (Direction 0)
    |> breaks "along student[0, 0, 0, 0] the loss rises by 1 for each unit; its gradient says 0.5"

[<Fact>]
let ``In a larger case the slope is taken along the direction`` () =
    let large =
        maps [ 1; 1; 1; 5 ] [ 1.0; 2.0; 3.0; 4.0; 5.0 ] [ 0.0; 0.0; 0.0; 0.0; 0.0 ]

    holds (Invariant.gradientIsSlope l2 large (Direction 4))

    Invariant.gradientIsSlope (scoped (fun s t -> (s - t).detach().square().sum() + s.sum () * 0.0)) large (Direction 4)
    |> Setup.message
    |> fun message -> Assert.StartsWith("along the direction the loss rises by", message)

[<Fact>]
let ``Where a loss bends, its slope is not asked for`` () =
    let absolute = scoped (fun s t -> (s - t).abs().sum())
    let atKink = maps [ 1; 1; 1; 2 ] [ 1.0; 0.5 ] [ 1.0; 0.0 ]

    match Invariant.gradientIsSlope absolute atKink (Direction 0) with
    | Finding.Discarded why -> Assert.Contains("bends too sharply", why)
    | other -> Assert.Fail $"{other}"

    holds (Invariant.gradientIsSlope absolute two (Direction 0))

[<Fact>]
let ``A wrong gradient is seen beside a kink`` () =
    let wrong =
        scoped (fun s t -> (s - t).abs().sum() + (s.detach () * s).select(3L, 1L).sum())

    let atKink = maps [ 1; 1; 1; 2 ] [ 1.0; 0.5 ] [ 1.0; 0.0 ]

    Invariant.gradientIsSlope wrong atKink (Direction 0)
    |> breaks "along student[0, 0, 0, 1] the loss rises by 2 for each unit; its gradient says 1.5"

[<Fact>]
let ``A loss that is no scalar is none`` () =
    Invariant.finite (scoped (fun s t -> s - t)) two
    |> breaks "the loss gave a tensor [2, 1, 1, 1]; expected a scalar, []"

[<Fact>]
let ``An exception is what the invariant says`` () =
    Invariant.finite (scoped (fun _ _ -> invalidOp "out of order\nat the back")) two
    |> breaks "the loss threw InvalidOperationException: out of order"

    Invariant.finite (scoped (fun _ _ -> raise (KdException "Mine: expected another."))) two
    |> breaks "the loss threw Mine: expected another."

[<Fact>]
let ``A refusal of few images discards the case`` () =
    let ofThree (s: Tensor) (t: Tensor) =
        if s.shape[0] < 3L then
            raise (KdException "Mine: needs at least 3.")

        (s - t).square().mean()

    match Invariant.finite (scoped ofThree) two with
    | Finding.Discarded why -> Assert.Equal("Mine: needs at least 3.", why)
    | other -> Assert.Fail $"{other}"

[<Fact>]
let ``A shift of logits, the student's or the teacher's`` () =
    let shifts = { Numbers = [ 5.0; -2.0 ] }
    holds (LogitInvariant.logitShift (Loss.unlabelled (fun s t -> KdLoss().Compute(s, t))) scores shifts)

    LogitInvariant.logitShift (scoped (fun s t -> (s.softmax 1L - t).square().sum())) scores shifts
    |> Setup.message
    |> fun message -> Assert.Contains("with the teacher's logits shifted", message)

    LogitInvariant.logitShift (scoped (fun s t -> (s - t.softmax 1L).square().sum())) scores shifts
    |> Setup.message
    |> fun message -> Assert.Contains("with the student's logits shifted", message)

[<Fact>]
let ``Affine maps of rows, and the parts of decoupled distillation`` () =
    let varied =
        logits [ 2; 3 ] [ 1.0; 0.0; 2.0; 2.0; 0.0; 0.5 ] [ 0.0; 1.0; 3.0; 1.0; 1.5; 0.0 ] [| 1; 0 |]

    holds (LogitInvariant.affineRows (DistLoss()) varied { Steps = [ 2.0, 1.0; 0.5, -1.0 ] })
    holds (LogitInvariant.decomposition (DkdLoss()) varied)

[<Fact>]
let ``What may be done to channels`` () =
    let kept = { Picks = [ 1 ] }
    let at = Loss.unlabelled (fun s t -> AtLoss().Compute(s, t))
    holds (MapInvariant.channelOrder at channels (ChannelPermutation kept))
    holds (MapInvariant.positiveScale at channels (PositiveScale 3.0))

    MapInvariant.channelOrder l2 channels (ChannelPermutation kept)
    |> Setup.message
    |> fun message -> Assert.Contains("with the student's channels in the order [1, 0]", message)

    MapInvariant.positiveScale l2 channels (PositiveScale 3.0)
    |> Setup.message
    |> fun message -> Assert.Contains("with the student's map times 3", message)

    let cwd = Loss.unlabelled (fun s t -> CwdLoss().Compute(s, t))
    holds (MapInvariant.channelShift cwd channels { Numbers = [ 5.0; -1.0 ] })
    let pkd = Loss.unlabelled (fun s t -> PkdLoss().Compute(s, t))
    holds (MapInvariant.channelAffine pkd channels { Steps = [ 2.0, 1.0; 0.5, -1.0 ] })

    MapInvariant.channelAffine cwd channels { Steps = [ 2.0, 1.0; 0.5, -1.0 ] }
    |> Setup.message
    |> fun message -> Assert.Contains("with the student's channels mapped", message)

[<Fact>]
let ``What may be done to features`` () =
    let three =
        maps [ 3; 2; 1; 1 ] [ 1.0; 2.0; -1.0; 3.0; 0.0; -2.0 ] [ 0.5; 0.0; 1.0; 2.0; -1.0; 1.0 ]

    let turn = { Turns = [ 0, 1, 30.0; 1, 1, 0.0 ] }
    let sp = Loss.unlabelled (fun s t -> SpLoss().Compute(s, t))
    let rkd = Loss.unlabelled (fun s t -> RkdLoss().Compute(s, t))
    holds (MapInvariant.orthogonal sp three turn)

    let similarity =
        {
            Turn = turn
            Factor = 2.0
            Shift = { Numbers = [ 1.0; -3.0 ] }
        }

    holds (MapInvariant.similarity rkd three similarity)

    MapInvariant.similarity sp three similarity
    |> Setup.message
    |> fun message -> Assert.Contains("with the student's channels turned, scaled and shifted", message)

    MapInvariant.orthogonal l2 three turn
    |> Setup.message
    |> fun message -> Assert.Contains("with the student's channels turned", message)

[<Fact>]
let ``The sum is the mean times the numbers of an image`` () =
    holds (MapInvariant.sumIsMeanTimesSize (L2Loss()) channels)

[<Fact>]
let ``More of the same`` () =
    holds (LawInvariant.batchRepeated l2 two 3)
    holds (LawInvariant.channelsRepeated l2 channels 2)
    holds (LawInvariant.mapsTiled l2 channels 2)
    let sum = scoped (fun s t -> (s - t.detach ()).square().sum())

    LawInvariant.batchRepeated sum two 3
    |> breaks "the loss is 5; with its images 3 times over it is 15"

    LawInvariant.channelsRepeated sum two 2
    |> breaks "the loss is 5; with its channels 2 times over it is 10"

    LawInvariant.mapsTiled sum two 2
    |> breaks "the loss is 5; with its maps laid out 2 x 2 times it is 20"

[<Fact>]
let ``A factor on both comes out to a power`` () =
    holds (LawInvariant.homogeneous 2.0 l2 two (PositiveScale 3.0))
    holds (LawInvariant.homogeneous 1.0 (scoped (fun s t -> (s - t).abs().sum())) two (PositiveScale 3.0))

    LawInvariant.homogeneous 1.0 l2 two (PositiveScale 3.0)
    |> breaks "the loss is 2.5; with both times 3 it is 22.5, expected 7.5"

[<Fact>]
let ``A temperature and its square`` () =
    let kd power temperature =
        Loss.unlabelled (fun s t -> KdLoss(temperature).Compute(s, t) * (temperature ** power))

    let scale = Temperature 2.0, PositiveScale 3.0
    holds (LawInvariant.temperatureScale (kd 0.0) scores scale)
    holds (LawInvariant.temperatureLimit (kd 0.0) scores)

    LawInvariant.temperatureScale (kd -2.0) scores scale
    |> Setup.message
    |> fun message -> Assert.Contains("at temperature 2, both and the temperature times 3, it is", message)

    LawInvariant.temperatureLimit (kd -1.0) scores
    |> Setup.message
    |> fun message -> Assert.Contains("half the mean squared difference, which it tends to, is 0.5", message)

[<Fact>]
let ``A formula and a worked value`` () =
    let formula (pair: IPair) =
        Plain.meanSquare pair.Student pair.Teacher

    holds (FormulaInvariant.formula (LossFormula.Of formula) l2 two)
    holds (FormulaInvariant.workedValue 2.5 l2 two)

    FormulaInvariant.formula (LossFormula.Of(fun pair -> 2.0 * formula pair)) l2 two
    |> breaks "the loss is 2.5; its formula written out gives 5"

    FormulaInvariant.workedValue 2.6 l2 two
    |> breaks "the loss is 2.5; worked out for these inputs it is 2.6"

    match FormulaInvariant.formula (LossFormula.Of(fun _ -> nan)) l2 two with
    | Finding.Discarded why -> Assert.Equal("its formula has no value there", why)
    | other -> Assert.Fail $"{other}"
