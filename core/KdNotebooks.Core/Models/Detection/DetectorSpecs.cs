using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Detection;

/// <summary>A <see cref="RetinaNet"/>: boxes in one stage.</summary>
/// <param name="Depth">Of the residual backbone: 18, 34, 50 or 101. The default value is 50.</param>
/// <param name="Width">Channels of its first stage. The default value 64 is the paper's.</param>
/// <param name="Channels">Of the pyramid's levels. The default value is 256.</param>
/// <param name="SmallestAnchor">Side in pixels of the smallest anchor. The default value is 32.</param>
/// <param name="HeadDepth">Convolutions of a subnet before its last. The default value is 4.</param>
/// <param name="Groups">Of the bottlenecks' 3x3 convolutions; 32 or 64 in ResNeXt. The default value is 1.</param>
/// <param name="GroupWidth">Channels of a group; 4 or 8 in ResNeXt. The default value is 64.</param>
/// <param name="Limits">Which boxes are given out; null (the default) means the usual ones.</param>
public sealed record RetinaNetSpec(
    int Depth = 50, int Width = 64, int Channels = 256, int SmallestAnchor = 32, int HeadDepth = 4, int Groups = 1,
    int GroupWidth = 64, DetectionLimits? Limits = null) : IModelSpec
{
    /// <summary>"RetinaNet-R50", "RetinaNet-R18 (width 16)".</summary>
    public string Name => DetectorNames.Of("RetinaNet", Depth, Width, Groups, GroupWidth);

    string IModelSpec.UsualData => "fashion-things";

    public RetinaNet Build(int channels, int classes) => new(new RetinaNetOptions(
        new PyramidOptions(
            new DeepResNetOptions(Depth, Width, Channels: channels, Groups: Groups, GroupWidth: GroupWidth), Channels),
        classes, SmallestAnchor, HeadDepth, Limits));

    Module IModelSpec.Build(int channels, int classes) => Build(channels, classes);
}

/// <summary>A <see cref="FasterRcnn"/>: boxes in two stages, and masks.</summary>
/// <param name="Depth">Of the residual backbone: 18, 34, 50 or 101. The default value is 50.</param>
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
    int Regions = 512, DetectionLimits? Limits = null) : IModelSpec
{
    /// <summary>"Faster R-CNN-R50", "Mask R-CNN-R18 (width 16)".</summary>
    public string Name => DetectorNames.Of(
        (Cascade ? "Cascade " : "") + (Masks ? "Mask R-CNN" : Cascade ? "R-CNN" : "Faster R-CNN"), Depth, Width, Groups,
        GroupWidth);

    string IModelSpec.UsualData => "fashion-things";

    public FasterRcnn Build(int channels, int classes) => new(new FasterRcnnOptions(
        new PyramidOptions(
            new DeepResNetOptions(Depth, Width, Channels: channels, Groups: Groups, GroupWidth: GroupWidth), Channels),
        classes, Masks, SmallestAnchor, HeadWidth, MaskWidth, Proposals, Regions, Limits, Cascade));

    Module IModelSpec.Build(int channels, int classes) => Build(channels, classes);
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
