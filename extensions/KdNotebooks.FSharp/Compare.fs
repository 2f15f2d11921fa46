namespace KdNotebooks.FSharp

open KdNotebooks.Aligners
open KdNotebooks.Losses
open KdNotebooks.Methods
open KdNotebooks.Recipes
open KdNotebooks.Runs
open KdNotebooks.Runtime

/// The methods that the paper's is compared with, each as a variant of a recipe, at the places that the recipe connects,
/// with this weight beside the task. What they are stands once, in the core's `NamedMethods`.
[<RequireQualifiedAccess>]
module Method =
    let private variant (chosen: Method) (weight: float) =
        {
            Name = chosen.Name
            Change = fun recipe -> recipe.HeldBy(chosen.At(recipe.Guidance, weight))
        }

    /// A method by its name, the reader's own too: `Method.named "at" 50.0`. Fails with the nearest name.
    let named (name: string) (weight: float) = variant (NamedMethods.Find name) weight

    /// The same with the weight of its reference code, which belongs to other data; fails where none is known.
    let usual (name: string) =
        let chosen = NamedMethods.Find name
        variant chosen (chosen.UsualOrFail())

    /// Any loss of maps through any aligner: `Method.onMaps "mine" linearAligner (MyLoss()) 2.0`.
    let onMaps name (aligner: IAligner) (loss: IFeatureLoss) (alpha: float) =
        variant (Method(name, MapComparison(loss, aligner), null, "")) alpha

    /// The same on the spatial means of both maps.
    let onPooled name (aligner: IAligner) (loss: IFeatureLoss) (alpha: float) =
        variant (Method(name, MapComparison(loss, aligner, SpatialPolicy.Global), null, "")) alpha

    /// Any loss of logits, and no maps.
    let onLogits name (loss: ILogitLoss) (weight: float) = variant (Method.Of(name, loss)) weight

    /// The paper's: the channel-wise MLP of depth 1 and the squared difference, mean over everything.
    let paper = named "mlp-1"

    /// Softened logits at temperature 4.
    let kd = named "kd"

    /// Decoupled logits at temperature 4: 1 of the true class to 8 of the others.
    let dkd = named "dkd"

    /// Correlations within images and within classes, at temperature 4 (that of small images).
    let dist = named "dist"

    /// FitNet's hint: 1x1 convolution, normalization, ReLU; squared difference.
    let fitNet = named "fitnet"

    /// Attention transfer.
    let at = named "at"

    /// Similarity-preserving: which images are alike.
    let sp = named "sp"

    /// Neuron selectivity.
    let nst = named "nst"

    /// Relations: distances and angles between images.
    let rkd = named "rkd"

    /// Probabilistic knowledge transfer.
    let pkt = named "pkt"

    /// Correlation congruence, with learned embeddings on both sides.
    let cc = named "cc"

    /// Variational information: an MLP as the mean, a learned variance for each channel.
    let vid = named "vid"

    /// Activation boundaries; for maps before the activation: `connect "layer3.0.bn2" "layer3.0.bn2" ...`.
    let ab = named "ab"

    /// Factor transfer, without the paraphraser.
    let ft = named "ft"

    /// Feature overhaul; where the teacher's map is that of a batch normalization: `"layer3.0.bn2"`.
    let ofd = named "ofd"

    /// Channel-wise divergence at temperature 1, through a linear aligner, since channels differ.
    let cwd = named "cwd"

    /// Channel-wise divergence of a segmentation model's logits at this temperature (4 and weight 3 in MGD's code, 1
    /// and 5 in mmrazor's), before they are brought to the image's size.
    let cwdLogits (temperature: float) (weight: float) =
        let logits = MapComparison(CwdLoss temperature, Identity(), Path = "classifier")
        variant (Method("cwd", logits, null, "")) weight

    /// Pearson correlation of maps, through a linear aligner, since channels differ.
    let pkd = named "pkd"

    /// Focal and global distillation of detectors, at the levels of their pyramids: within the true boxes and outside of
    /// them apart, with the teacher's attention, and how positions relate.
    let fgd = named "fgd"

    /// Masked generative distillation: 15 % of the channels are masked and made again by 3x3 convolutions.
    let mgd = named "mgd"

    /// The role of the projector: standardized pooled features through a linear projector, logarithm of a sum.
    let srd = named "srd"

    /// An orthogonal projector against the normalized teacher.
    let vkd = named "vkd"

    /// An ensemble of three projectors, compared by angle.
    let pefd = named "pefd"

    /// Knowledge review: the recipe's places, at least two and from shallow to deep, fused by attention from the deepest
    /// on, and the hierarchical context loss summed over them.
    let review = named "review"

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
