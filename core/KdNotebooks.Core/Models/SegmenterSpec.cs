using static TorchSharp.torch.nn;

namespace KdNotebooks.Models;

/// <summary>A <see cref="SegmentationModel"/>: a class for each pixel.</summary>
/// <param name="Head">The default value is PSPNet's.</param>
/// <param name="Depth">Of the residual backbone: 18, 34, 50, 101 or 152. The default value is 18.</param>
/// <param name="Width">Channels of its first stage. The default value 64 is the paper's.</param>
/// <param name="OutputStride">Pixels a position of its last map: 8 (default), 16 or 32.</param>
/// <param name="DeepStem">
/// Whether its stem is three 3x3 convolutions, mmsegmentation's <c>v1c</c>. The default value is true.
/// </param>
/// <param name="HeadChannels">
/// Within the head; null (the default) means a quarter of the backbone's channels (FCN, PSP) or 256 (DeepLabV3).
/// </param>
/// <param name="Rates">DeepLabV3's dilations; null (the default) means 12, 24, 36, halved at stride 16.</param>
/// <param name="Auxiliary">Whether it has an auxiliary head for training. The default value is true.</param>
public sealed record SegmenterSpec(
    SegmentationHead Head = SegmentationHead.Psp, int Depth = 18, int Width = 64, int OutputStride = 8,
    bool DeepStem = true, int? HeadChannels = null, IReadOnlyList<int>? Rates = null, bool Auxiliary = true)
    : IModelSpec
{
    /// <summary>"PSPNet-R18 (width 16, stride 16)"; a width of 64 and a stride of 8 go without saying.</summary>
    public string Name
    {
        get
        {
            var parts = new[] { Width == 64 ? "" : $"width {Width}", OutputStride == 8 ? "" : $"stride {OutputStride}" }
                .Where(part => part.Length > 0).ToList();
            var head = Head switch
            {
                SegmentationHead.Psp => "PSPNet",
                SegmentationHead.DeepLabV3 => "DeepLabV3",
                _ => "FCN",
            };
            return $"{head}-R{Depth}" + (parts.Count > 0 ? $" ({string.Join(", ", parts)})" : "");
        }
    }

    public SegmentationModel Build(int channels, int classes) => new(new SegmentationOptions(
        new DeepResNetOptions(Depth, Width, OutputStride, DeepStem, channels), classes, Head, HeadChannels,
        Rates ?? (OutputStride == 16 ? [6, 12, 18] : null), Auxiliary: Auxiliary));

    string IModelSpec.UsualData => "fashion-scenes";

    Module IModelSpec.Build(int channels, int classes) => Build(channels, classes);
}
