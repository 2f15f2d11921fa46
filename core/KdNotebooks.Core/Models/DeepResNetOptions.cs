using KdNotebooks.Runtime;

namespace KdNotebooks.Models;

/// <summary>Which <see cref="DeepResNet"/>.</summary>
/// <param name="Depth">18, 34 (basic blocks), 50, 101 or 152 (bottlenecks). The default value is 18.</param>
/// <param name="Width">
/// Of the first stage: its blocks' 3x3 convolutions have as many channels, those of the next stages 2, 4 and 8 times as
/// many. The default value 64 is the paper's; 16 makes a small student of the same kind.
/// </param>
/// <param name="OutputStride">
/// How many pixels of the image one position of the last map stands for: 32 (default), 16 or 8. Below 32 the last stage
/// or the last two take no stride and dilate instead, as torchvision's <c>replace_stride_with_dilation</c> does.
/// </param>
/// <param name="DeepStem">
/// Whether the stem is three 3x3 convolutions (mmsegmentation's <c>ResNetV1c</c>) in the place of one of 7x7. The
/// default value is false.
/// </param>
/// <param name="Channels">Of the image. The default value is 3.</param>
/// <param name="Classes">How many logits; the default value 0 means a backbone without classifier.</param>
/// <param name="Groups">Of the bottlenecks' 3x3 convolutions; 32 in ResNeXt-50 32x4d. The default value is 1.</param>
/// <param name="GroupWidth">
/// Channels of a group in the first stage where <paramref name="Width"/> is 64; 4 in ResNeXt-50 32x4d, 128 in a wide
/// ResNet-50-2. The default value is 64.
/// </param>
public sealed record DeepResNetOptions(
    int Depth = 18, int Width = 64, int OutputStride = 32, bool DeepStem = false, int Channels = 3, int Classes = 0,
    int Groups = 1, int GroupWidth = 64)
{
    /// <summary>
    /// Whether its normalizations are <see cref="Ops.FrozenBatchNorm2d"/>, which never change. The default value is false.
    /// </summary>
    public bool FrozenNorms { get; init; }

    /// <summary>Blocks of the four stages.</summary>
    internal IReadOnlyList<int> Blocks => Depth switch
    {
        18 => [2, 2, 2, 2],
        34 or 50 => [3, 4, 6, 3],
        101 => [3, 4, 23, 3],
        152 => [3, 8, 36, 3],
        _ => throw new KdException($"DeepResNet: depth is {Depth}; expected 18, 34, 50, 101 or 152."),
    };

    internal bool Bottlenecks => Depth >= 50;

    /// <summary>Channels of a stage's map.</summary>
    /// <param name="stage">1 to 4.</param>
    public int StageWidth(int stage) => (Width << (stage - 1)) * (Bottlenecks ? 4 : 1);

    /// <summary>Channels of a stage's 3x3 convolutions in bottlenecks.</summary>
    internal int Inner(int stage) => (int)((long)(Width << (stage - 1)) * GroupWidth / 64) * Groups;

    /// <exception cref="KdException">An option is out of its range.</exception>
    internal void RequireSound()
    {
        _ = Blocks;
        if (OutputStride is not (8 or 16 or 32))
        {
            throw new KdException($"DeepResNet: output stride is {OutputStride}; expected 8, 16 or 32.");
        }

        if (Width < 1 || Channels < 1 || Classes is < 0 or 1)
        {
            throw new KdException(
                $"DeepResNet: width is {Width}, channels {Channels}, classes {Classes}; expected at least 1 and 1, "
                + "and 0 for no classifier or at least 2.");
        }

        if (Groups < 1 || Inner(1) < 1 || (!Bottlenecks && (Groups, GroupWidth) != (1, 64)))
        {
            throw new KdException(
                $"DeepResNet: {Groups} groups of width {GroupWidth} at depth {Depth} and width {Width}; expected at "
                + "least one channel a group, and 1 group of width 64 where blocks are basic (depth 18 and 34).");
        }
    }
}
