using System.Text.Json.Serialization;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Detection;

/// <summary>A <see cref="RetinaNet"/>: boxes in one stage.</summary>
/// <param name="Depth">Of the residual backbone: 18, 34, 50, 101 or 152. The default value is 50.</param>
/// <param name="Width">Channels of its first stage. The default value 64 is the paper's.</param>
/// <param name="Channels">Of the pyramid's levels. The default value is 256.</param>
/// <param name="SmallestAnchor">
/// Side in pixels of the smallest anchor; at least twice the finest level's stride of 8, or things lie between anchors.
/// The default value is 32.
/// </param>
/// <param name="HeadDepth">Convolutions of a subnet before its last. The default value is 4.</param>
/// <param name="Groups">Of the bottlenecks' 3x3 convolutions; 32 or 64 in ResNeXt. The default value is 1.</param>
/// <param name="GroupWidth">Channels of a group; 4 or 8 in ResNeXt. The default value is 64.</param>
/// <param name="Limits">Which boxes are given out; null (the default) means the usual ones.</param>
public sealed record RetinaNetSpec(
    int Depth = 50, int Width = 64, int Channels = 256, int SmallestAnchor = 32, int HeadDepth = 4, int Groups = 1,
    int GroupWidth = 64, DetectionLimits? Limits = null) : IPyramidSpec<RetinaNetSpec>
{
    /// <summary>
    /// How many parts of the residual backbone are trained, from its last stage down: 0 to 5, as torchvision's
    /// <c>trainable_backbone_layers</c>, which is 3 where the backbone is pretrained. Null (the default) is all.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? TrainableLayers { get; init; }

    /// <summary>
    /// Whether the residual backbone's normalizations never change, neither weights nor statistics, as in torchvision where
    /// it is pretrained. The default value is false.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool FrozenNorms { get; init; }

    /// <summary>
    /// Beside the variance in frozen normalizations. Null (the default) is 1e-5; torchvision's own detectors on ResNet-50
    /// (COCO_V1: Faster R-CNN, Mask R-CNN, RetinaNet) were made with 0.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? FrozenEpsilon { get; init; }

    /// <summary>"RetinaNet-R50", "RetinaNet-R18 (width 16)".</summary>
    public string Name => DetectorNames.Of("RetinaNet", Depth, Width, Groups, GroupWidth);

    string IModelSpec.UsualData => "fashion-things";

    public RetinaNet Build(int channels, int classes) => new(new RetinaNetOptions(
        PyramidSpecs.Backbone(this, channels, (Depth, Width, Groups, GroupWidth, Channels)),
        classes, SmallestAnchor, HeadDepth, Limits));

    Module IModelSpec.Build(int channels, int classes) => Build(channels, classes);

    /// <inheritdoc/>
    public RetinaNetSpec WithFrozen(int? trainableLayers, bool frozenNorms) =>
        this with { TrainableLayers = trainableLayers, FrozenNorms = frozenNorms };

    /// <inheritdoc/>
    public RetinaNetSpec WithFrozenNorms(double epsilon) => this with { FrozenNorms = true, FrozenEpsilon = epsilon };
}

/// <summary>A <see cref="FasterRcnn"/>: boxes in two stages, and masks.</summary>
/// <param name="Depth">Of the residual backbone: 18, 34, 50, 101 or 152. The default value is 50.</param>
/// <param name="Width">Channels of its first stage. The default value 64 is the paper's.</param>
/// <param name="Masks">Whether it is Mask R-CNN. The default value is false.</param>
/// <param name="Cascade">Whether it has Cascade R-CNN's three box heads. The default value is false.</param>
/// <param name="Channels">Of the pyramid's levels. The default value is 256.</param>
/// <param name="SmallestAnchor">Side in pixels of the finest level's anchors. The default value is 32.</param>
/// <param name="HeadWidth">Of the box head's hidden layers. The default value is 1024.</param>
/// <param name="MaskWidth">Channels of the mask head. The default value is 256.</param>
/// <param name="Groups">Of the bottlenecks' 3x3 convolutions; 32 or 64 in ResNeXt. The default value is 1.</param>
/// <param name="GroupWidth">Channels of a group; 4 or 8 in ResNeXt. The default value is 64.</param>
/// <param name="Proposals">What the first stage hands on; null (the default) means the usual numbers.</param>
/// <param name="Regions">How many proposals of an image are learned from. The default value is 512.</param>
/// <param name="Limits">Which boxes are given out; null (the default) means the usual ones.</param>
public sealed record FasterRcnnSpec(
    int Depth = 50, int Width = 64, bool Masks = false, bool Cascade = false, int Channels = 256, int SmallestAnchor = 32,
    int HeadWidth = 1024, int MaskWidth = 256, int Groups = 1, int GroupWidth = 64, ProposalOptions? Proposals = null,
    int Regions = 512, DetectionLimits? Limits = null) : IPyramidSpec<FasterRcnnSpec>
{
    /// <summary>
    /// How many parts of the residual backbone are trained, from its last stage down: 0 to 5, as torchvision's
    /// <c>trainable_backbone_layers</c>, which is 3 where the backbone is pretrained. Null (the default) is all.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? TrainableLayers { get; init; }

    /// <summary>
    /// Whether the residual backbone's normalizations never change, neither weights nor statistics, as in torchvision where
    /// it is pretrained. The default value is false.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool FrozenNorms { get; init; }

    /// <summary>
    /// Beside the variance in frozen normalizations. Null (the default) is 1e-5; torchvision's own detectors on ResNet-50
    /// (COCO_V1: Faster R-CNN, Mask R-CNN, RetinaNet) were made with 0.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? FrozenEpsilon { get; init; }

    /// <summary>"Faster R-CNN-R50", "Mask R-CNN-R18 (width 16)".</summary>
    public string Name => DetectorNames.Of(
        (Cascade ? "Cascade " : "") + (Masks ? "Mask R-CNN" : Cascade ? "R-CNN" : "Faster R-CNN"), Depth, Width, Groups,
        GroupWidth);

    string IModelSpec.UsualData => "fashion-things";

    public FasterRcnn Build(int channels, int classes) => new(new FasterRcnnOptions(
        PyramidSpecs.Backbone(this, channels, (Depth, Width, Groups, GroupWidth, Channels)),
        classes, Masks, SmallestAnchor, HeadWidth, MaskWidth, Proposals, Regions, Limits, Cascade));

    Module IModelSpec.Build(int channels, int classes) => Build(channels, classes);

    /// <inheritdoc/>
    public FasterRcnnSpec WithFrozen(int? trainableLayers, bool frozenNorms) =>
        this with { TrainableLayers = trainableLayers, FrozenNorms = frozenNorms };

    /// <inheritdoc/>
    public FasterRcnnSpec WithFrozenNorms(double epsilon) => this with { FrozenNorms = true, FrozenEpsilon = epsilon };

    /// <summary>With masks: Mask R-CNN. For languages without <c>with</c>.</summary>
    /// <param name="width">Channels of the mask head.</param>
    public FasterRcnnSpec WithMasks(int width) => this with { Masks = true, MaskWidth = width };

    /// <summary>With three box heads: Cascade R-CNN.</summary>
    public FasterRcnnSpec WithCascade() => this with { Cascade = true };

    /// <summary>With so many proposals of an image to learn from.</summary>
    public FasterRcnnSpec WithRegions(int count) => this with { Regions = count };
}

/// <summary>A detector on a residual backbone and its feature pyramid, of whose backbone parts can be frozen.</summary>
public interface IPyramidSpec<TSelf> : IModelSpec
    where TSelf : IPyramidSpec<TSelf>
{
    int? TrainableLayers { get; }

    bool FrozenNorms { get; }

    double? FrozenEpsilon { get; }

    /// <summary>The same with other parts frozen.</summary>
    /// <param name="trainableLayers">0 to 5, the deepest first; null for all.</param>
    /// <param name="frozenNorms">Whether the backbone's normalizations never change.</param>
    TSelf WithFrozen(int? trainableLayers, bool frozenNorms);

    /// <summary>The same with frozen normalizations that have this beside the variance, at least 0.</summary>
    TSelf WithFrozenNorms(double epsilon);
}

internal static class PyramidSpecs
{
    public static PyramidOptions Backbone<TSelf>(
        IPyramidSpec<TSelf> spec, int channels, (int Depth, int Width, int Groups, int GroupWidth, int Channels) sizes)
        where TSelf : IPyramidSpec<TSelf> => new(
            new DeepResNetOptions(
                sizes.Depth, sizes.Width, Channels: channels, Groups: sizes.Groups, GroupWidth: sizes.GroupWidth)
            {
                FrozenNorms = spec.FrozenNorms,
            },
            sizes.Channels)
        {
            TrainableLayers = spec.TrainableLayers,
            FrozenEpsilon = spec.FrozenEpsilon,
        };
}

internal static class DetectorNames
{
    // A width of 64 goes without saying.
    public static string Of(string kind, int depth, int width, int groups, int groupWidth)
    {
        var body = groups == 1 ? $"R{depth}" : $"RX{depth}-{groups}x{groupWidth}d";
        return $"{kind}-{body}" + (width == 64 ? "" : $" (width {width})");
    }
}
