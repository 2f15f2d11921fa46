using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Models.Classification;
using KdNotebooks.Models.Detection;
using KdNotebooks.Parts;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tasks.Detection;
using KdNotebooks.Tasks.Segmentation;
using KdNotebooks.Training;

namespace KdNotebooks.Catalogue;

/// <summary>
/// Every choice of ours that a recipe can name, with the word that stands for it in JSON. Whoever adds a loss, an
/// aligner or a schedule adds its line here. (A reader's own needs none: <see cref="OwnParts"/>.)
/// </summary>
public static class PartKinds
{
    /// <summary>The field of JSON that says which.</summary>
    internal const string Word = "kind";

    private static readonly Dictionary<Type, (string Role, string Word)> Roles = new()
    {
        [typeof(IAligner)] = ("aligner", "Own.aligner"),
        [typeof(IAugmentation)] = ("augmentation", "Own.part"),
        [typeof(IFeatureLoss)] = ("loss", "Own.loss"),
        [typeof(ILogitLoss)] = ("logit loss", "Own.logitLoss"),
        [typeof(IModelSpec)] = ("model", "Own.model"),
        [typeof(IOptimizer)] = ("optimizer", "Own.optimizer"),
        [typeof(ISchedule)] = ("schedule", "Own.schedule"),
        [typeof(ITaskSpec)] = ("task", "Own.part"),
    };

    /// <summary>By the interface that they implement: the word in "kind", and the type.</summary>
    public static IReadOnlyDictionary<Type, IReadOnlyList<(string Kind, Type Type)>> All { get; } =
        new Dictionary<Type, IReadOnlyList<(string, Type)>>
        {
            [typeof(IAligner)] =
            [
                ("bn-linear", typeof(BatchNormLinear)),
                ("channel-mlp", typeof(ChannelMlp)),
                ("conv-reg", typeof(ConvReg)),
                ("ensemble", typeof(ProjectorEnsemble)),
                ("identity", typeof(Identity)),
                ("linear", typeof(Linear)),
                ("masked", typeof(MaskedGenerative)),
                ("non-local", typeof(NonLocal)),
                ("orthogonal", typeof(OrthogonalLinear)),
                ("spatial", typeof(SpatialMlp)),
            ],
            [typeof(IAugmentation)] = [
                ("chain", typeof(Chain)),
                ("crop", typeof(PaddedCrop)),
                ("dense", typeof(ResizedCrop)),
                ("color-jitter", typeof(ColorJitter)),
                ("mix", typeof(BatchMix)),
                ("rand-augment", typeof(RandAugment)),
                ("random-resized-crop", typeof(RandomResizedCrop)),
                ("short-side", typeof(ShortSide)),
            ],
            [typeof(IFeatureLoss)] =
            [
                ("ab", typeof(AbLoss)),
                ("at", typeof(AtLoss)),
                ("cc", typeof(CcLoss)),
                ("cosine", typeof(CosineLoss)),
                ("cwd", typeof(CwdLoss)),
                ("fgd", typeof(FgdLoss)),
                ("ft", typeof(FtLoss)),
                ("hcl", typeof(HclLoss)),
                ("l2", typeof(L2Loss)),
                ("nst", typeof(NstLoss)),
                ("ofd", typeof(OfdLoss)),
                ("pkd", typeof(PkdLoss)),
                ("pkt", typeof(PktLoss)),
                ("rkd", typeof(RkdLoss)),
                ("score-l2", typeof(ScoreL2Loss)),
                ("sp", typeof(SpLoss)),
                ("srd", typeof(SrdLoss)),
                ("vid", typeof(VidLoss)),
                ("vkd", typeof(VkdLoss)),
            ],
            [typeof(ILogitLoss)] =
            [
                ("dist", typeof(DistLoss)),
                ("dkd", typeof(DkdLoss)),
                ("kd", typeof(KdLoss)),
            ],
            [typeof(IModelSpec)] =
            [
                ("resnet", typeof(ResNetSpec)),
                ("network", typeof(NetworkSpec)),
                ("segmenter", typeof(SegmenterSpec)),
                ("retinanet", typeof(RetinaNetSpec)),
                ("faster-rcnn", typeof(FasterRcnnSpec)),
            ],
            [typeof(IOptimizer)] = [("sgd", typeof(Sgd)), ("adamw", typeof(AdamW))],
            [typeof(ISchedule)] =
            [
                ("constant", typeof(Constant)),
                ("cosine", typeof(Cosine)),
                ("multi-step", typeof(MultiStep)),
                ("polynomial", typeof(Polynomial)),
                ("warm-up", typeof(WarmUp)),
            ],
            [typeof(ITaskSpec)] =
            [
                ("classification", typeof(ClassificationSpec)),
                ("segmentation", typeof(SegmentationSpec)),
                ("detection", typeof(DetectionSpec)),
            ],
        };

    /// <summary>What a recipe that names no task is one of.</summary>
    public static ITaskSpec UsualTask { get; } = new ClassificationSpec();

    /// <summary>
    /// The task, with its usual options, whose targets a dataset has: one of the catalogue's, else a registered one.
    /// </summary>
    /// <exception cref="KdException">There is none.</exception>
    public static ITaskSpec TaskOf(Dataset data) => All[typeof(ITaskSpec)]
        .Select(kind => (ITaskSpec)PartCard.Default(kind.Type))
        .Concat(OwnParts.Names<ITaskSpec>().Select(OwnParts.Find<ITaskSpec>).OfType<ITaskSpec>())
        .FirstOrDefault(spec => spec.Fits(data)) ?? throw new KdException(
            $"{data.Name}: no task of the catalogue reads its targets ({data.TargetType.Name}), "
            + "and none of your own that is registered; register it (`Own.part<ITaskSpec> \"mine\" (MySpec())`, or "
            + "OwnParts.Register).");

    /// <summary>Whether a part is one of ours, and not a reader's own.</summary>
    public static bool IsOurs(object part) =>
        All.Values.Any(kinds => kinds.Any(kind => kind.Type == part.GetType()));

    /// <summary>
    /// What a part of this interface is called in a sentence, and the F# word that registers one's own.
    /// </summary>
    internal static (string Role, string Word) Role(Type face) => Roles[face];
}
