using KdNotebooks.Aligners;
using KdNotebooks.Catalogue;
using KdNotebooks.Losses;
using KdNotebooks.Runtime;

namespace KdNotebooks.Methods;

/// <summary>
/// The methods that a line, an F# word or a program can name. Every loss of the catalogue is one: with the aligner and
/// the weight of its reference code (method.md, 4) where it has a line here, else by itself, as the reader's own are.
/// </summary>
public static class NamedMethods
{
    private const string Cifar = "CIFAR-100", Paper = "mlp-1";

    /// <summary>Other words for one of them.</summary>
    private static readonly Dictionary<string, string> Aliases = new() { ["paper"] = Paper, ["mlp1"] = Paper };

    /// <summary>The library's, the student alone first and the paper's second.</summary>
    public static IReadOnlyList<Method> All => Everything.Value;

    private static readonly Method[] Written =
    [
        new("none", new NoComparison(), null, "The student alone."),
        Maps(Paper, new L2Loss(), new ChannelMlp(), null,
            "The paper's: a channel-wise MLP of one hidden layer, squared difference, mean over everything."),
        Maps("linear", new L2Loss(), new Linear(), null, "A 1x1 convolution, squared difference."),
        Logits("kd", new KdLoss(), new(0.9, $"mdistiller, {Cifar}, beside 0.1 of the task"),
            "Softened logits at temperature 4."),
        Logits("dkd", new DkdLoss(), new(1, $"mdistiller, {Cifar}, with a warm-up of 20 epochs"),
            "Decoupled logits at temperature 4: 1 of the true class to 8 of the others."),
        Logits("dist", new DistLoss(Temperature: 4), new(2, $"DIST_KD, {Cifar}"),
            "Correlations within images and within classes, at temperature 4 (that of small images)."),
        Maps("fitnet", new L2Loss(), new ConvReg(), new(100, $"mdistiller, {Cifar}"),
            "FitNet's hint: 1x1 convolution, normalization, ReLU; squared difference."),
        Alone("at", new AtLoss(), new(1000, $"mdistiller, {Cifar}"), "Attention transfer."),
        Alone("sp", new SpLoss(), new(3000, $"mdistiller, {Cifar}"), "Similarity-preserving: which images are alike."),
        Alone("nst", new NstLoss(), new(50, $"mdistiller, {Cifar}"), "Neuron selectivity."),
        Alone("rkd", new RkdLoss(), new(1, $"mdistiller, {Cifar}"), "Relations: distances and angles between images."),
        Alone("pkt", new PktLoss(), new(30000, $"mdistiller, {Cifar}"), "Probabilistic knowledge transfer."),
        Alone("cc", new CcLoss(), new(0.02, $"RepDistiller, {Cifar}"),
            "Correlation congruence, with learned embeddings on both sides."),
        Maps("vid", new VidLoss(), new ChannelMlp(Depth: 2, Bias: false), new(1, $"mdistiller, {Cifar}"),
            "Variational information: an MLP as the mean, a learned variance for each channel."),
        Maps("ab", new AbLoss(), new ConvReg(Relu: false), null,
            "Activation boundaries; for maps before the activation, as 'layer3.0.bn2'."),
        Alone("ft", new FtLoss(), new(200, $"RepDistiller, {Cifar}"), "Factor transfer, without the paraphraser."),
        Maps("ofd", new OfdLoss(), new ConvReg(Relu: false), new(1e-3, $"mdistiller, {Cifar}"),
            "Feature overhaul: partial L2 with margins from the teacher's batch normalization, as at 'layer3.0.bn2'."),
        Maps("cwd", new CwdLoss(), new Linear(), new(10, "mmrazor, FPN levels for detection"),
            "Channel-wise divergence at temperature 1, through a linear aligner, since channels differ."),
        new("cwd-logits", new MapComparison(new CwdLoss(4), new Identity(), Path: "classifier"),
            new(3, "MGD's code, segmentation"),
            "Channel-wise divergence of a segmentation model's logits at temperature 4, before they are enlarged."),
        Maps("pkd", new PkdLoss(), new Linear(), new(6, "mmrazor, Faster R-CNN's FPN levels"),
            "Pearson correlation of maps, through a linear aligner, since channels differ."),
        Maps("fgd", new FgdLoss(), new Linear(), new(1, "its authors' code, RetinaNet's FPN levels"),
            "Focal and global: within the true boxes and outside of them apart, with the teacher's attention, and how "
            + "positions relate."),
        Maps("mgd", new L2Loss(Reduction.SumPerBatch), new MaskedGenerative(), new(7e-5, "MGD's code, ImageNet"),
            "Masked generative: 15 % of the channels are masked and made again by 3x3 convolutions."),
        Pooled("srd", new SrdLoss(), new Linear(), new(2, "its authors' code, ImageNet"),
            "The role of the projector: standardized pooled features, logarithm of a sum."),
        Pooled("vkd", new VkdLoss(), new OrthogonalLinear(), new(1, "its authors' code, ImageNet"),
            "An orthogonal projector against the normalized teacher."),
        Pooled("pefd", new CosineLoss(), new ProjectorEnsemble(), new(25, $"its authors' code, {Cifar}"),
            "An ensemble of three projectors, compared by angle."),
        Pooled("cosine", new CosineLoss(), new Linear(), new(25, $"PEFD's code, {Cifar}"),
            "The angle between pooled features, through one projector."),
        new("review", new ReviewComparison(new HclLoss()), new(5, $"mdistiller, {Cifar}"),
            "Knowledge review: at least two places, from shallow to deep, fused by attention from the deepest on."),
        Maps("hcl", new HclLoss(), new Linear(), new(5, $"mdistiller, {Cifar}, with the fusion of 'review'"),
            "Knowledge review's loss alone, each place by itself, through a linear aligner."),
        Maps("score-l2", new ScoreL2Loss(), new ChannelMlp(), null,
            "The paper's transform, weighed by the teacher's class scores where the recipe's places name them."),
        Method.Of("l2", new L2Loss()) with { About = "The squared difference, through the recipe's aligners." },
    ];

    private static readonly Lazy<IReadOnlyList<Method>> Everything = new(() =>
        [.. Written, .. Alone(typeof(IFeatureLoss)), .. Alone(typeof(ILogitLoss))]);

    /// <summary>Every word that <see cref="Find"/> takes, with the reader's own at the end; it may grow.</summary>
    public static IReadOnlyList<string> Names =>
        [All[0].Name, .. Aliases.Keys, .. All.Skip(1).Select(method => method.Name), .. OwnMethods.Names];

    /// <summary>The method of this name: "at"; "paper", "mlp1" and "mlp-1" are one.</summary>
    /// <exception cref="KdException">There is none; the nearest is named.</exception>
    public static Method Find(string name)
    {
        var known = Aliases.GetValueOrDefault(name, name);
        return All.FirstOrDefault(method => method.Name == known) ?? OwnMethods.Find(name) ?? throw new KdException(
            $"'{name}' is no method; the nearest is '{Nearest.Of(name, Names)}'. Known: {string.Join(", ", Names)}.");
    }

    // The losses of the catalogue that have no line of their own.
    private static IEnumerable<Method> Alone(Type face) => PartKinds.All[face]
        .Where(kind => !Array.Exists(Written, method => method.Name == kind.Kind))
        .Select(kind => PartCard.Of(kind.Kind, kind.Type).Create() is IFeatureLoss maps
            ? Method.Of(kind.Kind, maps)
            : Method.Of(kind.Kind, (ILogitLoss)PartCard.Of(kind.Kind, kind.Type).Create()));

    private static Method Maps(string name, IFeatureLoss loss, IAligner aligner, UsualWeight? usual, string about) =>
        new(name, new MapComparison(loss, aligner), usual, about);

    private static Method Pooled(string name, IFeatureLoss loss, IAligner aligner, UsualWeight? usual, string about) =>
        new(name, new MapComparison(loss, aligner, SpatialPolicy.Global), usual, about);

    private static Method Alone(string name, IFeatureLoss loss, UsualWeight usual, string about) =>
        Maps(name, loss, new Identity(), usual, about);

    private static Method Logits(string name, ILogitLoss loss, UsualWeight usual, string about) =>
        new(name, new LogitComparison(loss), usual, about);
}
