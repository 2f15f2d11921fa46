/// Copies of every loss of the catalogue that are wrong by a factor, a sign, an axis or a small constant: most keep all
/// invariants of their original, and only what pins it down catches them.
module KdNotebooks.Properties.Tests.LossMutants

open System
open KdNotebooks.Losses
open KdNotebooks.Properties
open TorchSharp

type private Tensor = torch.Tensor
type private F = torch.nn.functional

/// Its fault, the original, and the broken copy.
type private Mutant = string * obj * obj

let private sum = torch.nn.Reduction.Sum

// Of any maps that the original takes.
let private maps fit (loss: Tensor -> Tensor -> Tensor) : obj =
    OwnLoss("mutant", Func<_, _, _>(fun s t -> Loss.scoped (fun s t -> loss s (t.detach ())) s t), fit)

let private same = maps MapFit.SameShape
let private channels = maps MapFit.SameChannels
let private any = maps MapFit.Any

let private logits (loss: Tensor -> Tensor -> Tensor) : obj =
    logitLoss "mutant" (fun s t _ -> Loss.scoped (fun s t -> loss s (t.detach ())) s t)

let private labelled (loss: Tensor -> Tensor -> Tensor -> Tensor) : obj =
    logitLoss "mutant" (fun s t labels -> Loss.scoped (fun s t -> loss s (t.detach ()) labels) s t)

let private images (tensor: Tensor) = float tensor.shape[0]

let private unit (axis: int64) (vectors: Tensor) =
    F.normalize (vectors, dim = axis, eps = 1e-30)

let private pooled (map: Tensor) = map.mean [| 2L; 3L |]
let private mse (a: Tensor) (b: Tensor) = (a - b).square().mean()
let private kl (logQ: Tensor) (logP: Tensor) = (logP.exp () * (logP - logQ)).sum()

/// Student and teacher at the smaller size.
let private smaller (s: Tensor) (t: Tensor) =
    let size = [| min s.shape[2] t.shape[2]; min s.shape[3] t.shape[3] |]
    F.adaptive_avg_pool2d (s, size), F.adaptive_avg_pool2d (t, size)

let private soften (temperature: float) axis (z: Tensor) = F.log_softmax (z / temperature, axis)

let private kd: Mutant list =
    [
        "without T²", "kd", logits (fun s t -> kl (soften 4.0 1L s) (soften 4.0 1L t) / images s)
        "with T for T²", "kd", logits (fun s t -> kl (soften 4.0 1L s) (soften 4.0 1L t) * 4.0 / images s)
        "with a mean over N K",
        KdLoss 1.0,
        logits (fun s t -> kl (soften 1.0 1L s) (soften 1.0 1L t) / float (s.numel ()))
        "summed over the batch", "kd", logits (fun s t -> kl (soften 4.0 1L s) (soften 4.0 1L t) * 16.0)
        "reversed", KdLoss 2.0, logits (fun s t -> kl (soften 2.0 1L t) (soften 2.0 1L s) * 4.0 / images s)
        "with the teacher not softened",
        "kd",
        logits (fun s t -> kl (soften 4.0 1L s) (soften 1.0 1L t) * 16.0 / images s)
        "at another temperature", KdLoss 3.0, KdLoss 4.0
    ]

// [N, K] -> [N, 2] and [N, K - 1]
let private split (temperature: float) (z: Tensor) (labels: Tensor) =
    let z = z / temperature
    let label = labels.unsqueeze 1L
    let column = torch.arange (z.shape[1] - 1L, torch.int64)
    let others = z.gather (1L, column + column.ge label)
    torch.cat ([| z.gather (1L, label); others.logsumexp (1L, keepdim = true) |], 1L), others

let private dkdTerms temperature (s: Tensor) (t: Tensor) (labels: Tensor) =
    let (ours, ourOthers), (theirs, theirOthers) =
        split temperature s labels, split temperature t labels

    let each (q: Tensor) (p: Tensor) : Tensor =
        let logQ, logP = F.log_softmax (q, 1L), F.log_softmax (p, 1L)
        (logP.exp () * (logP - logQ)).sum 1L

    each ours theirs, each ourOthers theirOthers

let private dkd: Mutant list =
    let mutant (combine: Tensor -> Tensor -> Tensor -> Tensor -> Tensor) =
        labelled (fun s t labels ->
            let target, others = dkdTerms 4.0 s t labels
            combine target others t labels)

    [
        "with its weights swapped", "dkd", mutant (fun a b _ _ -> (a * 8.0 + b).mean() * 16.0)
        "without T²", "dkd", mutant (fun a b _ _ -> (a + b * 8.0).mean())
        "summed over the batch", "dkd", mutant (fun a b _ _ -> (a + b * 8.0).sum() * 16.0)
        "with a usual beta of 2", "dkd", DkdLoss(Beta = 2.0)
        "of the true class squared", "dkd", mutant (fun a b _ _ -> (a.square () + b * 8.0).mean() * 16.0)
        "with the others' share",
        "dkd",
        mutant (fun a b t labels ->
            let sure = F.softmax(t / 4.0, 1L).gather(1L, labels.unsqueeze 1L).squeeze 1L
            (a + b * 8.0 * (-sure + 1.0)).mean() * 16.0)
    ]

let private correlations epsilon axis (a: Tensor) (b: Tensor) =
    let centre (x: Tensor) = x - x.mean ([| axis |], keepdim = true)
    let a, b = centre a, centre b
    let length (x: Tensor) = x.square().sum(axis).sqrt()
    (a * b).sum axis / (length a * length b + epsilon)

let private dist: Mutant list =
    let mutant temperature combine =
        logits (fun s t ->
            let q, p = F.softmax (s / temperature, 1L), F.softmax (t / temperature, 1L)
            combine q p)

    let unrelated axis q p =
        (correlations 1e-8 axis q p).mean().neg() + 1.0

    [
        "without T²", DistLoss(Temperature = 4.0), mutant 4.0 (fun q p -> unrelated 1L q p + unrelated 0L q p)
        "with its weights swapped",
        DistLoss(2.0, 0.5),
        mutant 1.0 (fun q p -> unrelated 1L q p * 0.5 + unrelated 0L q p * 2.0)
        "with its rows only", "dist", mutant 1.0 (fun q p -> unrelated 1L q p * 2.0)
        "with another epsilon",
        "dist",
        mutant 1.0 (fun q p ->
            (correlations 1e-5 1L q p).mean().neg()
            + 1.0
            + (correlations 1e-5 0L q p).mean().neg()
            + 1.0)
        "with a sum for the mean of rows",
        "dist",
        mutant 1.0 (fun q p -> (-(correlations 1e-8 1L q p) + 1.0).sum() + unrelated 0L q p)
    ]

let private l2: Mutant list =
    [
        "halved", "l2", same (fun s t -> mse s t / 2.0)
        "of absolute differences", "l2", same (fun s t -> (s - t).abs().mean())
        "with its root", "l2", same (fun s t -> mse s t |> _.sqrt())
        "summed over channels", "l2", same (fun s t -> mse s t * float s.shape[1])
        "with a sum over everything", L2Loss Reduction.SumPerBatch, same (fun s t -> (s - t).square().sum())
        "with the other reduction", "l2", L2Loss Reduction.SumPerBatch
    ]

let private attention power (map: Tensor) =
    map.abs().pow(torch.tensor (power: float)).mean([| 1L |]).flatten 1L

let private ofAttention (difference: Tensor -> Tensor -> Tensor) (fold: Tensor -> Tensor) =
    any (fun s t ->
        let s, t = smaller s t
        difference (fold s) (fold t))

let private at: Mutant list =
    [
        "with the L1 norm",
        "at",
        ofAttention mse (fun map ->
            let q = attention 2.0 map
            q / (q.sum (1L, keepdim = true) + 1e-30))
        "with the power of 1", "at", ofAttention mse (attention 1.0 >> unit 1L)
        "summed over positions",
        "at",
        ofAttention (fun a b -> (a - b).square().sum(1L).mean()) (attention 2.0 >> unit 1L)
        "of the largest channel", "at", ofAttention mse (fun map -> map.square().amax([| 1L |]).flatten 1L |> unit 1L)
        "with the length of the difference",
        "at",
        ofAttention (fun a b -> (a - b).square().sum(1L).sqrt().mean()) (attention 2.0 >> unit 1L)
        "with one length for the batch",
        "at",
        ofAttention mse (fun map ->
            let q = attention 2.0 map
            q / (q.norm () + 1e-30) * Math.Sqrt(images map))
        "by nearest positions",
        "at",
        any (fun s t ->
            let size = [| min s.shape[2] t.shape[2]; min s.shape[3] t.shape[3] |]

            let resized (map: Tensor) =
                F.interpolate (map, size, mode = torch.InterpolationMode.Nearest)

            mse (attention 2.0 (resized s) |> unit 1L) (attention 2.0 (resized t) |> unit 1L))
    ]

let private ft: Mutant list =
    let factor power (map: Tensor) =
        map.pow(torch.tensor (power: float)).mean([| 1L |]).flatten 1L

    [
        "squared", "ft", ofAttention mse (factor 2.0 >> unit 1L)
        "of absolute powers",
        FtLoss(3, 1),
        ofAttention (fun a b -> (a - b).abs().mean()) (fun map -> factor 3.0 (map.abs ()) |> unit 1L)
        "summed over positions", "ft", ofAttention (fun a b -> (a - b).abs().sum(1L).mean()) (factor 2.0 >> unit 1L)
        "without a length", "ft", ofAttention (fun a b -> (a - b).abs().mean()) (factor 2.0)
        "halved", "ft", ofAttention (fun a b -> (a - b).abs().mean() / 2.0) (factor 2.0 >> unit 1L)
    ]

let private sp: Mutant list =
    let gram (map: Tensor) =
        let rows = map.flatten 1L
        rows.mm (rows.t ())

    [
        "with one norm for the whole matrix",
        "sp",
        any (fun s t ->
            let scaled map =
                let products = gram map
                products / (products.norm () + 1e-30) * Math.Sqrt(images map)

            mse (scaled s) (scaled t))
        "over N", "sp", any (fun s t -> mse (unit 1L (gram s)) (unit 1L (gram t)) * images s)
        "of cosines",
        "sp",
        any (fun s t ->
            let cosines (map: Tensor) =
                let rows = unit 1L (map.flatten 1L)
                rows.mm (rows.t ())

            mse (cosines s) (cosines t))
        "of means over positions",
        "sp",
        any (fun s t ->
            let products (map: Tensor) =
                let rows = pooled map
                unit 1L (rows.mm (rows.t ()))

            mse (products s) (products t))
    ]

let private nst: Mutant list =
    let lines (map: Tensor) = unit 2L (map.flatten 2L)
    let products (a: Tensor) (b: Tensor) = a.bmm (b.transpose (1L, 2L))

    let mutant (kernel: Tensor -> Tensor) (cross: float) =
        any (fun s t ->
            let s, t = smaller s t
            let s, t = lines s, lines t
            kernel (products s s) + kernel (products t t) - kernel (products s t) * cross)

    [
        "with a linear kernel", "nst", mutant (fun k -> k.mean ()) 2.0
        "with one cross term", "nst", mutant (fun (k: Tensor) -> k.square().mean()) 1.0
        "summed over channels", "nst", mutant (fun (k: Tensor) -> k.square().sum([| 1L; 2L |]).mean()) 2.0
        "with kernels of degree 3", "nst", mutant (fun (k: Tensor) -> (k * k * k).mean()) 2.0
        "with channels as they are",
        "nst",
        any (fun s t ->
            let s, t = smaller s t
            let s, t = s.flatten 2L, t.flatten 2L
            let kernel a b = (products a b).square().mean()
            kernel s s + kernel t t - kernel s t * 2.0)
    ]

let private rkd: Mutant list =
    let smooth (a: Tensor) (b: Tensor) =
        F.smooth_l1_loss (a, b, reduction = torch.nn.Reduction.Mean)

    let differences (map: Tensor) : Tensor =
        let points = pooled map
        points.unsqueeze 0L - points.unsqueeze 1L // [N, N, D]

    let lengths (map: Tensor) : Tensor =
        (differences map).square().sum(2L).sqrt()

    let over (count: Tensor -> float) (map: Tensor) : Tensor =
        let lengths = lengths map
        lengths / (lengths.sum () / count lengths).clamp_min(1e-12)

    let pairs (lengths: Tensor) = images lengths * (images lengths - 1.0)

    let cosines map =
        let ways = unit 2L (differences map)
        ways.bmm (ways.transpose (1L, 2L))

    let mutant
        (distances: Tensor -> Tensor)
        (angles: Tensor -> Tensor)
        (wd: float)
        (wa: float)
        (loss: Tensor -> Tensor -> Tensor)
        =
        any (fun s t -> loss (distances s) (distances t) * wd + loss (angles s) (angles t) * wa)

    [
        "over N²", "rkd", mutant (over (fun lengths -> images lengths ** 2.0)) cosines 25.0 50.0 smooth
        "with its weights swapped", "rkd", mutant (over pairs) cosines 50.0 25.0 smooth
        "of squares", "rkd", mutant (over pairs) cosines 25.0 50.0 mse
        "of absolute differences",
        RkdLoss(1.0, 0.0),
        mutant (over pairs) cosines 1.0 0.0 (fun a b -> (a - b).abs().mean())
        "without pairs of an image with itself",
        RkdLoss(1.0, 0.0),
        any (fun s t -> smooth (over pairs s) (over pairs t) * (images s / (images s - 1.0)))
        "of squared distances",
        RkdLoss(1.0, 0.0),
        any (fun s t -> smooth ((over pairs s).square()) ((over pairs t).square()))
    ]

let private pkt: Mutant list =
    let near (epsilon: float) (softening: float) (similar: Tensor -> Tensor) (map: Tensor) : Tensor =
        let points = pooled map

        let ways =
            points / (points.square().sum([| 1L |], keepdim = true).sqrt() + softening)

        let rows = similar (ways.mm (ways.t ())) |> _.clamp_min(0.0)
        rows / rows.sum (1L, keepdim = true) + epsilon

    let shifted (cosine: Tensor) = (cosine + 1.0) / 2.0

    let mutant (combine: Tensor -> Tensor -> Tensor) near =
        any (fun s t -> combine (near t) (near s))

    let log (p: Tensor) (q: Tensor) = p.log () - q.log ()

    [
        "with a larger epsilon", "pkt", mutant (fun p q -> ((p - 1e-3) * log p q).mean()) (near 1e-3 1e-7 shifted)
        "summed", "pkt", mutant (fun p q -> ((p - 1e-7) * log p q).sum()) (near 1e-7 1e-7 shifted)
        "reversed", "pkt", mutant (fun p q -> ((q - 1e-7) * log q p).mean()) (near 1e-7 1e-7 shifted)
        "of exponents for cosines", "pkt", mutant (fun p q -> ((p - 1e-7) * log p q).mean()) (near 1e-7 1e-7 _.exp())
        "summed over neighbours",
        "pkt",
        mutant (fun p q -> ((p - 1e-7) * log p q).sum(1L).mean()) (near 1e-7 1e-7 shifted)
    ]

let private cc: Mutant list =
    let delta s t : Tensor = (pooled s - pooled t).abs()

    let next (d: Tensor) : Tensor =
        (d.narrow (0L, 0L, d.shape[0] - 1L) * d.narrow (0L, 1L, d.shape[0] - 1L)).sum 1L

    [
        "over N", "cc", channels (fun s t -> (next (delta s t)).sum() / images s)
        "with signs", "cc", channels (fun s t -> next (pooled s - pooled t) |> _.mean())
        "with a mean over coordinates", "cc", channels (fun s t -> (next (delta s t)).mean() / float s.shape[1])
        "of an image with itself", "cc", channels (fun s t -> (delta s t).square().sum(1L).mean())
        "round the batch", "cc", channels (fun s t -> (delta s t * (delta s t).roll(-1L, 0L)).sum(1L).mean())
    ]

let private vid: Mutant list =
    [
        "without its half", "vid", same (fun s t -> mse s t / 5.0 + Math.Log 5.0)
        "without the logarithm", "vid", same (fun s t -> mse s t / 10.0)
        "with a deviation for the variance", "vid", same (fun s t -> (mse s t / 25.0 + Math.Log 25.0) / 2.0)
        "with the constant", "vid", same (fun s t -> (mse s t / 5.0 + Math.Log(10.0 * Math.PI)) / 2.0)
        "with another first variance", "vid", VidLoss 4.0
    ]

let private ab: Mutant list =
    let mutant (missing: Tensor -> Tensor -> Tensor) (combine: Tensor -> Tensor -> Tensor) =
        same (fun s t -> combine (missing s t) s)

    let signed (zero: Tensor -> Tensor) (s: Tensor) (t: Tensor) = torch.where (zero t, s, -s)
    let above (t: Tensor) = t.gt (0.0.ToScalar())

    let usual (missing: Tensor) (s: Tensor) =
        missing.relu().square().sum() * (0.003 / images s)

    [
        "with its margin's sign turned", "ab", mutant (fun s t -> -(signed above s t) - 1.0) usual
        "with the teacher's 0 on", "ab", mutant (fun s t -> -(signed (fun t -> t.ge (0.0.ToScalar())) s t) + 1.0) usual
        "over everything", "ab", mutant (fun s t -> -(signed above s t) + 1.0) (fun m _ -> m.relu().square().mean())
        "with a thousandth", "ab", mutant (fun s t -> -(signed above s t) + 1.0) (fun m s -> usual m s / 3.0)
        "without its square",
        AbLoss 2.0,
        mutant (fun s t -> -(signed above s t) + 2.0) (fun m s -> m.relu().sum() * (0.003 / images s))
        "with a margin of 1", AbLoss 2.0, AbLoss 1.0
    ]

let private ofd: Mutant list =
    let mutant margin (combine: Tensor -> Tensor -> Tensor -> Tensor) =
        same (fun s t ->
            let target = torch.maximum (t, torch.tensor ((margin: float), dtype = t.dtype))
            combine s t target / images s)

    let partial (s: Tensor) (t: Tensor) (target: Tensor) =
        let off = t.le(0.0.ToScalar()).logical_and(s.le target)
        (s - target).square().masked_fill(off, 0.0.ToScalar()).sum()

    [
        "without the part that is off",
        OfdLoss(Nullable -0.5),
        mutant -0.5 (fun s _ target -> (s - target).square().sum())
        "with its margin's sign turned", OfdLoss(Nullable -0.5), mutant 0.5 partial
        "without its margin", OfdLoss(Nullable -0.5), mutant 0.0 partial
        "over everything",
        OfdLoss(Nullable -1.0),
        mutant -1.0 (fun s t target -> partial s t target / float (s.numel ()) * images s)
        "without its square",
        OfdLoss(Nullable -1.0),
        mutant -1.0 (fun s t target ->
            let off = t.le(0.0.ToScalar()).logical_and(s.le target)
            (s - target).abs().masked_fill(off, 0.0.ToScalar()).sum())
        "with one margin for all channels", "ofd", OfdLoss(Nullable -0.5)
    ]

let private cwd: Mutant list =
    let lines temperature (map: Tensor) = soften temperature 2L (map.flatten 2L)

    [
        "summed over channels", "cwd", same (fun s t -> kl (lines 1.0 s) (lines 1.0 t) / images s)
        "without T²", CwdLoss 4.0, same (fun s t -> kl (lines 4.0 s) (lines 4.0 t) / float (s.shape[0] * s.shape[1]))
        "reversed", "cwd", same (fun s t -> kl (lines 1.0 t) (lines 1.0 s) / float (s.shape[0] * s.shape[1]))
        "with a mean over positions", "cwd", same (fun s t -> kl (lines 1.0 s) (lines 1.0 t) / float (s.numel ()))
        "over channels and positions",
        "cwd",
        same (fun s t -> kl (soften 1.0 1L (s.flatten 1L)) (soften 1.0 1L (t.flatten 1L)) / images s)
    ]

let private pkd: Mutant list =
    let axes = [| 0L; 2L; 3L |]

    let standardized unbiased (divisor: Tensor -> Tensor) (map: Tensor) =
        (map - map.mean (axes, keepdim = true))
        / divisor (map.var (axes, unbiased = unbiased, keepdim = true))

    let usual (variance: Tensor) = variance.sqrt () + 1e-6

    let resize mode aligned (s: Tensor) (t: Tensor) =
        F.interpolate (s, [| t.shape[2]; t.shape[3] |], mode = mode, align_corners = aligned)

    let bilinear = resize torch.InterpolationMode.Bilinear (Nullable false)

    let mutant (resize: Tensor -> Tensor -> Tensor) (standardize: Tensor -> Tensor) (factor: float) =
        channels (fun s t -> mse (standardize (resize s t)) (standardize t) * factor)

    [
        "with its epsilon inside the root",
        "pkd",
        mutant bilinear (standardized true (fun variance -> (variance + 1e-6).sqrt())) 0.5
        "with the biased variance", "pkd", mutant bilinear (standardized false usual) 0.5
        "without its half", "pkd", mutant bilinear (standardized true usual) 1.0
        "by nearest positions",
        "pkd",
        mutant (resize torch.InterpolationMode.Nearest (Nullable())) (standardized true usual) 0.5
        "with aligned corners",
        "pkd",
        mutant (resize torch.InterpolationMode.Bilinear (Nullable true)) (standardized true usual) 0.5
        "pooled",
        "pkd",
        mutant (fun s t -> F.adaptive_avg_pool2d (s, [| t.shape[2]; t.shape[3] |])) (standardized true usual) 0.5
        "with a larger epsilon", "pkd", mutant bilinear (standardized true (fun v -> v.sqrt () + 1e-5)) 0.5
    ]

// Without scores, where positions weigh alike.
let private scoreL2: Mutant list =
    let squares (s: Tensor) (t: Tensor) = (s - t).square()

    [
        "without the channels", "score-l2", same (fun s t -> (squares s t).sum(1L).mean())
        "over each image", "score-l2", same (fun s t -> (squares s t).mean([| 1L; 2L; 3L |]).sum())
        "of absolute differences", "score-l2", same (fun s t -> (s - t).abs().mean())
        "halved", "score-l2", same (fun s t -> mse s t / 2.0)
        "of an unlike sign", "score-l2", same (fun s t -> (s + t).square().mean())
    ]

// Without boxes, and as it starts.
let private fgd: Mutant list =
    let attention (temperature: float) (axes: int64[]) (map: Tensor) =
        let means = map.abs().mean(axes, keepdim = true)
        let flat = F.softmax ((means / temperature).flatten 1L, 1L)
        (flat * float flat.shape[1]).view means.shape

    let inSpace temperature = attention temperature [| 1L |]
    let inChannels temperature = attention temperature [| 2L; 3L |]
    let positions (map: Tensor) = float (map.shape[2] * map.shape[3])

    let focal (s: Tensor) (t: Tensor) (weights: Tensor) =
        ((s - t).square() * weights).sum() / (images s * positions s)

    let weights temperature t =
        inSpace temperature t * inChannels temperature t

    let apart (difference: Tensor -> Tensor) temperature s t =
        ((difference (inSpace temperature s - inSpace temperature t)).sum()
         + (difference (inChannels temperature s - inChannels temperature t)).sum())
        / images s

    let background = FgdLoss(0.0, 1.0, 0.0, 0.0)
    let attended = FgdLoss(0.0, 0.0, 1.0, 0.0)
    let related = FgdLoss(0.0, 0.0, 0.0, 1.0)

    [
        "with the student's attention", background, same (fun s t -> focal s t ((weights 0.5 s).detach()))
        "with the root of the attention", background, same (fun s t -> focal s t ((weights 0.5 t).sqrt()))
        "without attention over channels", background, same (fun s t -> focal s t (inSpace 0.5 t))
        "without attention over positions", background, same (fun s t -> focal s t (inChannels 0.5 t))
        "with a background that weighs 1 each", background, same (fun s t -> focal s t (weights 0.5 t) * positions s)
        "over the batch", background, same (fun s t -> focal s t (weights 0.5 t) * images s)
        "at temperature 1", background, same (fun s t -> focal s t (weights 1.0 t))
        "with attention squared", attended, same (apart _.square() 0.5)
        "with attention of means", attended, same (fun s t -> apart _.abs() 0.5 s t / positions s)
        "with attention whose mean is not 1",
        attended,
        same (fun s t -> ((inSpace 0.5 s - inSpace 0.5 t).abs().sum() / positions s) / images s)
        "related by a mean", related, same mse
        "related over the batch", related, same (fun s t -> (s - t).square().sum())
        "with its code's gamma", "fgd", FgdLoss(Attention = 1e-3)
        "without its relation", "fgd", FgdLoss(Relation = 0.0)
    ]

let private hcl: Mutant list =
    let mutant (levels: int64 list) (weights: float list) (difference: Tensor -> Tensor) divide : obj =
        same (fun s t ->
            let d = s - t
            let levels = levels |> List.filter (fun level -> level < s.shape[2])
            let weights = List.take levels.Length weights

            let pooled =
                List.map2
                    (fun (level: int64) (weight: float) ->
                        difference (F.adaptive_avg_pool2d (d, [| level; level |])) * weight)
                    levels
                    weights

            let loss = List.fold (+) (difference d) pooled
            if divide then loss / (1.0 + List.sum weights) else loss)

    let square (d: Tensor) = d.square().mean()
    let halves = [ 0.5; 0.25; 0.125; 0.0625 ]

    [
        "with equal weights", "hcl", mutant [ 4L; 2L; 1L ] [ 1.0; 1.0; 1.0 ] square true
        "with weights of a half", "hcl", mutant [ 4L; 2L; 1L ] [ 0.5; 0.5; 0.5 ] square true
        "not divided by its weights", "hcl", mutant [ 4L; 2L; 1L ] halves square false
        "with a level of 8", "hcl", mutant [ 8L; 4L; 2L; 1L ] halves square true
        "without its last level", "hcl", mutant [ 4L; 2L ] halves square true
        "of absolute differences", "hcl", mutant [ 4L; 2L; 1L ] halves (fun d -> d.abs().mean()) true
        "with its levels the other way round", "hcl", mutant [ 1L; 2L; 4L ] halves square true
    ]

let private srd: Mutant list =
    let mutant epsilon unbiased (combine: Tensor -> Tensor) =
        channels (fun s t ->
            let standardized (map: Tensor) =
                let points = pooled map
                let variance = points.var ([| 0L |], unbiased = unbiased, keepdim = true)

                (points - points.mean ([| 0L |], keepdim = true))
                / (variance + (epsilon: float)).sqrt()

            let difference = (standardized s - standardized t).abs()
            (combine (difference * difference * difference * difference)).clamp_min(1.17549435e-38).log())

    [
        "with the unbiased variance", "srd", mutant 1e-4 true _.sum()
        "with another epsilon", "srd", mutant 1e-5 false _.sum()
        "with a mean for the sum", "srd", mutant 1e-4 false _.mean()
        "over the batch", "srd", mutant 1e-4 false (fun powers -> powers.sum(1L).mean())
        "with an exponent of 2", "srd", SrdLoss 2.0
    ]

let private vkd: Mutant list =
    let normalized epsilon unbiased (points: Tensor) =
        let variance = points.var ([| 1L |], unbiased = unbiased, keepdim = true)

        (points - points.mean ([| 1L |], keepdim = true))
        / (variance + (epsilon: float)).sqrt()

    let smooth (beta: float) (a: Tensor) (b: Tensor) =
        F.smooth_l1_loss (a, b, reduction = torch.nn.Reduction.Mean, beta = beta)

    [
        "with both normalized",
        "vkd",
        channels (fun s t -> smooth 1.0 (normalized 1e-5 false (pooled s)) (normalized 1e-5 false (pooled t)))
        "with another epsilon", "vkd", channels (fun s t -> smooth 1.0 (pooled s) (normalized 1e-3 false (pooled t)))
        "of squares", "vkd", channels (fun s t -> mse (pooled s) (normalized 1e-5 false (pooled t)) / 2.0)
        "with a beta of 2", "vkd", channels (fun s t -> smooth 2.0 (pooled s) (normalized 1e-5 false (pooled t)))
        "normalized over the batch",
        "vkd",
        channels (fun s t -> smooth 1.0 (pooled s) (normalized 1e-5 false ((pooled t).t().contiguous()) |> _.t()))
    ]

let private cosine: Mutant list =
    [
        "halved",
        "cosine",
        channels (fun s t -> ((-(unit 1L (pooled s) * unit 1L (pooled t)).sum 1L + 1.0) / 2.0).mean())
        "summed over the batch",
        "cosine",
        channels (fun s t -> (-(unit 1L (pooled s) * unit 1L (pooled t)).sum 1L + 1.0).sum())
        "squared",
        "cosine",
        channels (fun s t -> (-(unit 1L (pooled s) * unit 1L (pooled t)).sum 1L + 1.0).square().mean())
        "at each position", "cosine", same (fun s t -> (-(unit 1L s * unit 1L t).sum 1L + 1.0).mean())
        "of the whole batch",
        "cosine",
        channels (fun s t ->
            let flat (map: Tensor) = (pooled map).flatten()
            -(unit 0L (flat s) * unit 0L (flat t)).sum() + 1.0)
    ]

/// Name, original, and the broken copy.
let all: (string * obj * obj) list =
    [
        for kind, mutants in
            [
                "kd", kd
                "dkd", dkd
                "dist", dist
                "l2", l2
                "score-l2", scoreL2
                "at", at
                "ft", ft
                "sp", sp
                "nst", nst
                "rkd", rkd
                "pkt", pkt
                "cc", cc
                "vid", vid
                "ab", ab
                "ofd", ofd
                "cwd", cwd
                "pkd", pkd
                "fgd", fgd
                "hcl", hcl
                "srd", srd
                "vkd", vkd
                "cosine", cosine
            ] do
            for name, original, mutant in mutants -> $"{kind} {name}", original, mutant
    ]
