using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Data.Dense;
using KdNotebooks.Losses;
using KdNotebooks.Tasks;
using KdNotebooks.Training;

namespace KdNotebooks.Experiments;

/// <summary>
/// Every choice that a recipe can name, with the word that stands for it in JSON. Whoever adds a loss, an aligner or a
/// schedule adds its line here.
/// </summary>
public static class Catalogue
{
    /// <summary>By the interface that they implement: the word in "kind", and the type.</summary>
    public static IReadOnlyDictionary<Type, IReadOnlyList<(string Kind, Type Type)>> Kinds { get; } =
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
            [typeof(IAugmentation)] = [("crop", typeof(Augmentation)), ("dense", typeof(DenseAugmentation))],
            [typeof(IFeatureLoss)] =
            [
                ("ab", typeof(ActivationBoundary)),
                ("at", typeof(AttentionTransfer)),
                ("cc", typeof(CorrelationCongruence)),
                ("cosine", typeof(CosineDistance)),
                ("cwd", typeof(ChannelWiseDivergence)),
                ("ft", typeof(FactorTransfer)),
                ("hcl", typeof(HierarchicalContext)),
                ("l2", typeof(SquaredL2)),
                ("nst", typeof(NeuronSelectivity)),
                ("ofd", typeof(Overhaul)),
                ("pkd", typeof(PearsonMap)),
                ("pkt", typeof(ProbabilisticTransfer)),
                ("rkd", typeof(Relational)),
                ("sp", typeof(SimilarityPreserving)),
                ("srd", typeof(LogSum)),
                ("vid", typeof(VariationalInformation)),
                ("vkd", typeof(NormalisedSmoothL1)),
            ],
            [typeof(ILogitLoss)] =
            [
                ("dist", typeof(Dist)),
                ("dkd", typeof(Decoupled)),
                ("kd", typeof(SoftTargets)),
            ],
            [typeof(IModelSpec)] = [("resnet", typeof(ResNetSpec)), ("segmenter", typeof(SegmenterSpec))],
            [typeof(IOptimiser)] = [("sgd", typeof(Sgd)), ("adamw", typeof(AdamW))],
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
            ],
        };
}
