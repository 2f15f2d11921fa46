/// Deliberately broken copies of losses and aligners: each has one fault, of a kind that is easily made.
module KdNotebooks.Properties.Tests.Mutants

open FsCheck
open FsCheck.FSharp
open KdNotebooks.Aligners
open KdNotebooks.Invariants
open KdNotebooks.Losses
open KdNotebooks.Properties
open TorchSharp

type Tensor = torch.Tensor

type private F = torch.nn.functional

let private sum = torch.nn.Reduction.Sum

/// In a scope of its own, as a loss should be.
let private maps name (loss: Tensor -> Tensor -> Tensor) : obj = mapLoss name (Loss.scoped loss)

let private logits name (loss: Tensor -> Tensor -> Tensor) : obj =
    logitLoss name (fun student teacher _ -> Loss.scoped loss student teacher)

let private images (tensor: Tensor) = float tensor.shape[0]

let private unit (vectors: Tensor) (axis: int64) = F.normalize (vectors, dim = axis)

let private pooled (map: Tensor) = map.mean [| 2L; 3L |]

let private squares (a: Tensor) (b: Tensor) = (a - b).square().mean()

// L2Loss

let l2WithoutDetach = maps "l2" squares

let l2WithHalfOfItsGradient =
    maps "l2" (fun s t -> ((s - t.detach ()) * (s.detach () - t.detach ())).mean())

let l2InHalfPrecision =
    let half (map: Tensor) = map.``to`` torch.bfloat16
    maps "l2" (fun s t -> (squares (half s) (half (t.detach ()))).``to`` s.dtype)

/// As under an autocast.
let l2ThatGoesFromSingleToHalf =
    let half (map: Tensor) =
        if map.dtype = torch.float32 then
            map.``to`` torch.bfloat16
        else
            map

    maps "l2" (fun s t -> (squares (half s) (half (t.detach ()))).``to`` s.dtype)

let l2ThatAddsInDouble =
    maps "l2" (fun s t -> squares (s.``to`` torch.float64) (t.detach().``to`` torch.float64))

let l2ThatLeaks: obj = mapLoss "l2" (fun s t -> (s - t.detach ()).square().mean())

let l2WithoutScalar =
    maps "l2" (fun s t -> (s - t.detach ()).square().mean [| 1L; 2L; 3L |])

let l2OfTheFirstImage =
    let first (map: Tensor) = map.select (0L, 0L)
    maps "l2" (fun s t -> squares s (t.detach ()) + squares (first s) (first (t.detach ())))

/// Reads memory as if it were contiguous.
let l2OfMemory =
    let flat (map: Tensor) =
        map.as_strided ([| map.numel () |], [| 1L |])

    maps "l2" (fun s t -> squares (flat s) (flat (t.detach ())))

let l2WithViews =
    maps "l2" (fun s t -> squares (s.view (-1L)) (t.detach().view(-1L)))

let l2AgainstTheNextChannel =
    maps "l2" (fun s t -> squares s (t.detach().roll(1L, 1L)))

let l2Signed = maps "l2" (fun s t -> (s - t.detach ()).mean())

let private reducible (compute: Reduction -> Tensor -> Tensor -> Tensor) : obj =
    let rec withReduction reduction =
        { new IReducible with
            member _.Name = "l2"
            member _.Reduction = reduction
            member _.With other = withReduction other
            member _.Compute(student, teacher) = compute reduction student teacher
        }

    withReduction Reduction.Mean

/// Sums over everything, the images too.
let l2SummedOverImages =
    reducible (fun reduction s t ->
        match reduction with
        | Reduction.Mean -> Loss.scoped squares s (t.detach ())
        | _ -> Loss.scoped (fun s t -> (s - t.detach ()).square().sum()) s t)

// KdLoss, DKD, DIST

let private kdAt temperature (weigh: Tensor -> Tensor -> Tensor) (s: Tensor) (t: Tensor) =
    let logQ = F.log_softmax (s / temperature, 1L)
    let logP = F.log_softmax (t.detach () / temperature, 1L)
    (weigh logQ logP) * (temperature * temperature / images s)

let private kl (logQ: Tensor) (logP: Tensor) =
    F.kl_div (logQ, logP, log_target = true, reduction = sum)

/// Without T^2; right at 1.
let kdWithoutSquare temperature =
    logits "kd" (fun s t -> kdAt temperature kl s t / (temperature * temperature))

let kdWithMeanOverClasses temperature =
    logits "kd" (fun s t -> kdAt temperature kl s t / float s.shape[1])

let kdTurnedRound temperature =
    logits "kd" (kdAt temperature (fun logQ logP -> kl logP logQ))

/// log_target left at TorchSharp's default, and so taken for logarithms.
let kdWithProbabilitiesForLogarithms temperature =
    logits "kd" (kdAt temperature (fun logQ logP -> kl logQ (logP.exp ())))

let kdWithLogarithmOfSoftmax =
    logits "kd" (fun s t ->
        let q, p = F.softmax (s, 1L), F.softmax (t.detach (), 1L)
        (p * (p.log () - q.log ())).sum() / images s)

let kdOverTheBatch =
    logits "kd" (fun s t -> kl (F.log_softmax (s, 0L)) (F.log_softmax (t.detach (), 0L)) / images s)

/// The true class stays among the others.
let dkdWithTargetAmongOthers: obj =
    let own = DkdLoss(Temperature = 1.0)

    { new IDecoupled with
        member _.Name = "dkd"
        member _.Temperature = 1.0

        member _.Compute(student, teacher, labels) = own.Compute(student, teacher, labels)

        member _.Terms(student, teacher, labels) =
            let struct (target, _) = own.Terms(student, teacher, labels)

            let others =
                (F.kl_div (
                    F.log_softmax (student, 1L),
                    F.log_softmax (teacher.detach (), 1L),
                    log_target = true,
                    reduction = torch.nn.Reduction.None
                ))
                    .sum
                    1L

            struct (target, others)
    }

/// A cosine: the rows' means are left in.
let distWithoutCentring: obj =
    let between (s: Tensor) (t: Tensor) =
        (unit s 1L * unit (t.detach ()) 1L).sum(1L).mean()
        |> fun cosine -> -cosine + 1.0

    { new IClassRelation with
        member _.Name = "dist"
        member _.BetweenClasses(student, teacher) = Loss.scoped between student teacher

        member _.Compute(student, teacher, _) =
            Loss.scoped between (F.softmax (student, 1L)) (F.softmax (teacher, 1L))
    }

// Losses of relations and of attention

let private attention (map: Tensor) = map.square().mean([| 1L |]).flatten 1L

let atWithoutLength =
    maps "at" (fun s t -> squares (attention s) (attention (t.detach ())))

let atOfTheFirstChannel =
    let first (map: Tensor) =
        unit (map.square().select(1L, 0L).flatten 1L) 1L

    maps "at" (fun s t -> squares (first s) (first (t.detach ())))

let atSummed =
    maps "at" (fun s t -> (unit (attention s) 1L - unit (attention (t.detach ())) 1L).square().sum())

let private similarities (prepare: Tensor -> Tensor) (map: Tensor) =
    let rows = prepare (map.flatten 1L)
    rows.mm (rows.t ())

let spOfSizes =
    let similar map = unit (similarities _.abs() map) 1L
    maps "sp" (fun s t -> squares (similar s) (similar (t.detach ())))

let spWithoutLength =
    maps "sp" (fun s t -> squares (similarities id s) (similarities id (t.detach ())))

let spOfColumns =
    let similar map = unit (similarities id map) 0L
    maps "sp" (fun s t -> (similar s - similar (t.detach ())).square().sum() / images s)

let rkdWithoutMean =
    let distances (map: Tensor) =
        let points = pooled map
        (points.unsqueeze 0L - points.unsqueeze 1L).square().sum 2L

    maps "rkd" (fun s t -> squares (distances s) (distances (t.detach ())))

let nstWithThreeCrossTerms =
    let channels (map: Tensor) = unit (map.flatten 2L) 2L

    let kernel (a: Tensor) (b: Tensor) =
        a.bmm(b.transpose (1L, 2L)).square().mean()

    maps "nst" (fun s t ->
        let s, t = channels s, channels (t.detach ())
        kernel s s + kernel t t - kernel s t * 3.0)

// Losses of channels

let cwdOverChannels =
    maps "cwd" (fun s t ->
        kl (F.log_softmax (s, 1L)) (F.log_softmax (t.detach (), 1L))
        / float (s.shape[0] * s.shape[1]))

/// A softmax over each row of a map in place of all its positions.
let cwdOverRows =
    maps "cwd" (fun s t ->
        kl (F.log_softmax (s, 3L)) (F.log_softmax (t.detach (), 3L))
        / float (s.shape[0] * s.shape[1]))

let private standardized (divide: bool) (map: Tensor) =
    let axes = [| 0L; 2L; 3L |]
    let centred = map - map.mean (axes, keepdim = true)

    if divide then
        centred / (map.std (axes, unbiased = true, keepdim = true) + 1e-6)
    else
        centred

let pkdWithoutDeviation =
    maps "pkd" (fun s t -> squares (standardized false s) (standardized false (t.detach ())) / 2.0)

let pkdWithoutHalf =
    maps "pkd" (fun s t -> squares (standardized true s) (standardized true (t.detach ())))

/// Not a number where a channel is the same everywhere.
let pkdWithoutEpsilon =
    let z (map: Tensor) =
        let axes = [| 0L; 2L; 3L |]

        (map - map.mean (axes, keepdim = true))
        / map.std (axes, unbiased = false, keepdim = true)

    maps "pkd" (fun s t -> squares (z s) (z (t.detach ())) / 2.0)

/// Without T², as a record: it has other temperatures.
type KdRecord =
    {
        Temperature: float
    }

    interface ILogitLoss with
        member _.Name = "kd"

        member loss.Compute(s, t, labels) =
            (kdWithoutSquare loss.Temperature :?> ILogitLoss).Compute(s, t, labels)

let l2Halved = maps "l2" (fun s t -> squares s (t.detach ()) / 2.0)

let l2OfAbsolutes = maps "l2" (fun s t -> (s - t.detach ()).abs().mean())

let l2Summed = maps "l2" (fun s t -> (s - t.detach ()).square().sum())

let hclSummedOverChannels =
    maps "hcl" (fun s t -> squares s (t.detach ()) * float s.shape[1])

let vkdOfSums =
    let sums (map: Tensor) = map.sum [| 2L; 3L |]
    maps "vkd" (fun s t -> squares (sums s) (sums (t.detach ())))

/// What it is at first is another variance.
let vidFromFour: obj =
    let start = VidLoss 4.0 :> IBuiltLoss

    { new IBuiltLoss with
        member _.Name = "vid"
        member _.Compute(s, t) = start.Compute(s, t)
        member _.Build(ours, theirs, norm) = start.Build(ours, theirs, norm)
    }

/// Each broken copy, the claim of the original that it breaks, and the most numbers that the student's tensor of the
/// counterexample may have.
let ofClaims: (string * obj * Claim * int) list =
    [
        "l2 without detach", l2WithoutDetach, Claim.TeacherUntouched, 1
        "l2 with half of its gradient", l2WithHalfOfItsGradient, Claim.GradientIsSlope, 1
        "l2 that goes from single to half", l2ThatGoesFromSingleToHalf, Claim.PrecisionKept, 1
        "l2 that gives float64", l2ThatAddsInDouble, Claim.PrecisionKept, 1
        "l2 that leaks", l2ThatLeaks, Claim.NothingLeft, 1
        "l2 that is a vector", l2WithoutScalar, Claim.Finite, 1
        "l2 with a weight on the first image", l2OfTheFirstImage, Claim.BatchOrder, 2
        "l2 of the memory", l2OfMemory, Claim.LayoutFree, 4
        "l2 with views", l2WithViews, Claim.LayoutFree, 4
        "l2 against the next channel", l2AgainstTheNextChannel, Claim.ZeroAtEquality, 2
        "l2 with a sign", l2Signed, Claim.NonNegative, 1
        "l2 summed over images", l2SummedOverImages, Claim.SumIsMeanTimesSize, 2
        "kd of the logarithm of a softmax", kdWithLogarithmOfSoftmax, Claim.Finite, 2
        "kd over the batch", kdOverTheBatch, Claim.LogitShift, 4
        "kd with probabilities for logarithms", kdWithProbabilitiesForLogarithms 1.0, Claim.ZeroAtEquality, 2
        "dkd with the target among the others", dkdWithTargetAmongOthers, Claim.Decomposition, 2
        "dist without centring", distWithoutCentring, Claim.AffineRows, 2
        "at without length", atWithoutLength, Claim.PositiveScale, 1
        "at of the first channel", atOfTheFirstChannel, Claim.ChannelOrder, 4
        "sp of sizes", spOfSizes, Claim.Orthogonal, 4
        "sp without length", spWithoutLength, Claim.PositiveScale, 1
        "rkd without the mean", rkdWithoutMean, Claim.Similarity, 2
        "nst with three cross terms", nstWithThreeCrossTerms, Claim.NonNegative, 1
        "cwd over channels", cwdOverChannels, Claim.ChannelShift, 2
        "pkd without the deviation", pkdWithoutDeviation, Claim.ChannelAffine, 2
        "pkd without epsilon", pkdWithoutEpsilon, Claim.Finite, 1
        "kd without T²", kdWithoutSquare 4.0, Claim.Formula, 2
        "l2 halved", l2Halved, Claim.WorkedValue, 60
        "l2 summed", l2Summed, Claim.BatchRepeated, 1
        "hcl summed over channels", hclSummedOverChannels, Claim.ChannelsRepeated, 1
        "vkd of sums", vkdOfSums, Claim.MapsTiled, 1
        "at without length, on both", atWithoutLength, Claim.DegreeZero, 1
        "l2 of absolute differences", l2OfAbsolutes, Claim.DegreeTwo, 1
        "kd without T² at all temperatures", { Temperature = 4.0 }, Claim.TemperatureScale, 2
        "kd without T² at high temperatures", { Temperature = 4.0 }, Claim.TemperatureLimit, 4
        "vid from another variance", vidFromFour, Claim.FirstWeights, 0
    ]

let private always (mutant: obj) value = Gen.constant (mutant, value)

let private atAnyTemperature mutant value =
    Generate.temperature
    |> Gen.map (fun (Temperature temperature) -> mutant temperature, value temperature)

/// Each broken copy that keeps the most of what its original claims, and is another function all the same; with the
/// formula that it should have.
let ofFormulas: (string * Gen<obj * (IPair -> float)>) list =
    [
        "kd without T²", atAnyTemperature kdWithoutSquare LossFormula.kd
        "kd with the mean over classes", atAnyTemperature kdWithMeanOverClasses LossFormula.kd
        "kd with student and teacher swapped", atAnyTemperature kdTurnedRound LossFormula.kd
        "at summed", always atSummed (LossFormula.at 2.0)
        "sp with columns of length 1", always spOfColumns LossFormula.sp
        "cwd over rows", always cwdOverRows (LossFormula.cwd 1.0)
        "pkd without ½", always pkdWithoutHalf LossFormula.pkd
        "l2 in half precision", always l2InHalfPrecision (LossFormula.l2 Reduction.Mean)
        "l2 summed for each image", always (L2Loss Reduction.SumPerBatch) (LossFormula.l2 Reduction.Mean)
    ]

// Aligners

type private Layer = torch.nn.Module<Tensor, Tensor>

/// A module that is a function of the map and of another module.
type private Around(inner: Layer, forward: Layer -> Tensor -> Tensor) as this =
    inherit torch.nn.Module<Tensor, Tensor>("Around")
    do this.register_module ("inner", inner)
    override _.forward map = forward inner map

let private pointwise ours theirs : Layer = torch.nn.Conv2d(ours, theirs, 1L)

let private around name forward =
    alignerOf name (fun ours theirs -> new Around(pointwise ours theirs, forward))

let private inScope forward (inner: Layer) (map: Tensor) =
    use scope = torch.NewDisposeScope()
    let result: Tensor = forward inner map
    result.MoveToOuterDisposeScope()

/// A channel MLP with one layer too many where it has no hidden layer.
type DeepAtZero(depth: int) =
    new() = DeepAtZero 1
    member val Depth = depth with get, set
    member _.``<Clone>$``() = DeepAtZero depth

    interface IAligner with
        member _.Name = "mlp"

        member mlp.Build(ours, theirs) =
            ChannelMlp(mlp.Depth + 1, Activation = Activation.None).Build(ours, theirs)

/// Each broken aligner, the claim that it breaks, and the most numbers that the map of the counterexample may have: two
/// images at least.
let ofAligners: (string * IAligner * Claim * int) list =
    [
        "not a number at zero",
        around "aligner" (inScope (fun inner map -> inner.call map + map / map)),
        Claim.Finite,
        4
        "another way for another layout",
        around "aligner" (inScope (fun inner map -> inner.call map + (if map.is_contiguous () then 0.0 else 1.0))),
        Claim.LayoutFree,
        8
        "a leak", around "aligner" (fun inner map -> inner.call map + 1.0), Claim.NothingLeft, 2
        "the student's channels", alignerOf "aligner" (fun ours _ -> pointwise ours ours), Claim.TeacherChannels, 2
        "neighbours",
        alignerOf "aligner" (fun ours theirs -> torch.nn.Conv2d(ours, theirs, 3L, padding = 1L)),
        Claim.PositionWise,
        4
        "a layer at depth zero", DeepAtZero(), Claim.DepthZeroIsLinear, 2
        "twice its weight", around "aligner" (inScope (fun inner map -> inner.call map * 2.0)), Claim.Lipschitz, 2
        "not orthonormal", alignerOf "aligner" pointwise, Claim.Orthonormal, 2
        "a gradient that is cut",
        around "linear" (inScope (fun inner map -> inner.call (map.detach ()))),
        Claim.GradientIsSlope,
        2
        "half of it", around "linear" (inScope (fun inner map -> inner.call map / 2.0)), Claim.Formula, 2
        "other first weights",
        alignerOf "linear" (fun ours theirs ->
            ChannelMlp(Depth = 0, Initialization = Initialization.Xavier).Build(ours, theirs)),
        Claim.FirstWeights,
        0
    ]
