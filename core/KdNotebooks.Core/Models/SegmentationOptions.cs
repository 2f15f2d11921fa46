using KdNotebooks.Runtime;

namespace KdNotebooks.Models;

/// <summary>The heads of a <see cref="SegmentationModel"/>.</summary>
public enum SegmentationHead
{
    /// <summary><see cref="Models.FcnHead"/>, torchvision's <c>fcn_resnet*</c>.</summary>
    Fcn,

    /// <summary><see cref="Models.DeepLabHead"/>, torchvision's <c>deeplabv3_resnet*</c>.</summary>
    DeepLabV3,

    /// <summary><see cref="Models.PspHead"/>, PSPNet.</summary>
    Psp,
}

/// <summary>Which <see cref="SegmentationModel"/>; student and teacher are two of these.</summary>
/// <param name="Backbone">Without classifier: its <c>Classes</c> is 0. Output stride 8 is usual.</param>
/// <param name="Classes">How many logits a pixel; at least 2.</param>
/// <param name="Head">The default value is <see cref="SegmentationHead.Psp"/>.</param>
/// <param name="HeadChannels">
/// Within the head; the default value null means a quarter of the backbone's channels (FCN, PSP) or 256 (DeepLabV3).
/// </param>
/// <param name="Rates">DeepLabV3's dilations; the default value null means 12, 24, 36.</param>
/// <param name="Bins">PSP's cells a side; the default value null means 1, 2, 3, 6.</param>
/// <param name="Auxiliary">
/// Whether there is an FCN head on the third stage, for training. The default value is true.
/// </param>
public sealed record SegmentationOptions(
    DeepResNetOptions Backbone, int Classes, SegmentationHead Head = SegmentationHead.Psp, int? HeadChannels = null,
    IReadOnlyList<int>? Rates = null, IReadOnlyList<int>? Bins = null, bool Auxiliary = true)
{
    internal void RequireSound()
    {
        if (Classes < 2 || Backbone.Classes != 0 || HeadChannels < 1)
        {
            throw new KdException(
                $"SegmentationModel: {Classes} classes, a backbone with {Backbone.Classes} and a head with "
                + $"{HeadChannels} channels; expected at least 2 classes, a backbone without classifier (0) and at least "
                + "1 channel.");
        }
    }
}
