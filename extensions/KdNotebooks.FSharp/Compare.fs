namespace KdNotebooks.FSharp

open KdNotebooks.Aligners
open KdNotebooks.Distillation
open KdNotebooks.Recipes
open KdNotebooks.Runs
open KdNotebooks.Losses
open KdNotebooks.Runtime
/// The methods that the paper's is compared with, each as a variant of a recipe: aligner and loss as in the method's
/// reference code (docs/method.md, section 4), at the places that the recipe connects, with this weight beside the
/// task.
[<RequireQualifiedAccess>]
module Method =
    /// Any loss of maps through any aligner: `Method.onMaps "mine" linearAligner (MyLoss()) 2.0`.
    let onMaps name (aligner: IAligner) (loss: IFeatureLoss) (alpha: float) =
        {
            Name = name
            Change =
                fun r ->
                    r
                        .MapConnections(fun c -> c.With(aligner = aligner, loss = loss, alpha = alpha))
                        .With(fused = null, logits = null)
        }

    /// The same on the spatial means of both maps.
    let onPooled name aligner loss alpha =
        let held = onMaps name aligner loss alpha

        { held with
            Change = held.Change >> _.MapConnections(fun c -> c.With(spatial = SpatialPolicy.Global))
        }

    /// Any loss of logits, and no maps.
    let onLogits name (loss: ILogitLoss) (weight: float) =
        {
            Name = name
            Change = fun r -> r.With(connections = [||], fused = null, logits = LogitConnection(loss, weight))
        }

    /// The paper's: the channel-wise MLP of depth 1 and the squared difference, mean over everything.
    let paper = onMaps "mlp-1" (ChannelMlp()) (L2Loss())

    /// Softened logits at temperature 4.
    let kd = onLogits "kd" (KdLoss())

    /// DkdLoss logits at temperature 4: 1 of the true class to 8 of the others.
    let dkd = onLogits "dkd" (DkdLoss())

    /// Correlations within images and within classes, at temperature 4 (that of small images).
    let dist = onLogits "dist" (DistLoss(Temperature = 4.0))

    /// FitNet's hint: 1x1 convolution, normalization, ReLU; squared difference.
    let fitNet = onMaps "fitnet" (ConvReg()) (L2Loss())

    /// Attention transfer.
    let at = onMaps "at" (Identity()) (AtLoss())

    /// Similarity-preserving: which images are alike.
    let sp = onMaps "sp" (Identity()) (SpLoss())

    /// Neuron selectivity.
    let nst = onMaps "nst" (Identity()) (NstLoss())

    /// Relations: distances and angles between images.
    let rkd = onMaps "rkd" (Identity()) (RkdLoss())

    /// Probabilistic knowledge transfer.
    let pkt = onMaps "pkt" (Identity()) (PktLoss())

    /// Correlation congruence, with learned embeddings on both sides.
    let cc = onMaps "cc" (Identity()) (CcLoss())

    /// Variational information: an MLP as the mean, a learned variance for each channel.
    let vid =
        onMaps "vid" (ChannelMlp(Depth = 2, Bias = false)) (VidLoss())

    /// Channel-wise divergence at temperature 1, through a linear aligner, since channels differ.
    let cwd = onMaps "cwd" (Linear()) (CwdLoss())

    /// Channel-wise divergence of a segmentation model's logits at this temperature (4 and weight 3 in MGD's code, 1
    /// and 5 in mmrazor's), before they are brought to the image's size.
    let cwdLogits (temperature: float) (weight: float) =
        let loss = CwdLoss temperature
        let at = Connection("classifier", "classifier", Identity(), loss, weight)

        {
            Name = "cwd"
            Change = fun r -> r.With(connections = [| at |], fused = null, logits = null)
        }

    /// Pearson correlation of maps, through a linear aligner, since channels differ.
    let pkd = onMaps "pkd" (Linear()) (PkdLoss())

    /// Masked generative distillation: 15 % of the channels are masked and made again by 3x3 convolutions.
    let mgd = onMaps "mgd" (MaskedGenerative()) (L2Loss Reduction.SumPerBatch)

    /// The role of the projector: standardized pooled features through a linear projector, logarithm of a sum.
    let srd = onPooled "srd" (Linear()) (SrdLoss())

    /// An orthogonal projector against the normalized teacher.
    let vkd = onPooled "vkd" (OrthogonalLinear()) (VkdLoss())

    /// An ensemble of three projectors, compared by angle.
    let pefd = onPooled "pefd" (ProjectorEnsemble()) (CosineLoss())

    /// Knowledge review: the recipe's places, at least two and from shallow to deep, fused by attention from the deepest
    /// on, and the hierarchical context loss summed over them.
    let review (alpha: float) =
        let fuse (r: Recipe) =
            let stages = [| for c in r.Connections -> Stage(c.Student, c.Teacher) |]
            let warmUp = r.Connections |> Seq.tryHead |> Option.map _.WarmUp
            FusedConnection(stages, HclLoss(), alpha, WarmUp = defaultArg warmUp 0)

        {
            Name = "review"
            Change = fun r -> r.With(connections = [||], fused = fuse r, logits = null)
        }

/// Choosing weights.
[<AutoOpen>]
module Weights =
    /// Measures how strongly each term of these recipes pulls on the student beside the task, and suggests weights:
    /// a table. The recipes' own weights do not matter.
    let suggestAlpha (recipes: Recipe list) =
        AlphaProbe.Measure(List.toArray recipes, AlphaOptions(), RunContext.Current)

    /// The same after this many steps, on this many batches: `suggestAlphaAfter 200 8`.
    let suggestAlphaAfter steps batches (recipes: Recipe list) =
        AlphaProbe.Measure(List.toArray recipes, AlphaOptions(steps, batches), RunContext.Current)
