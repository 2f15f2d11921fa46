using KdNotebooks.Runtime;

namespace KdNotebooks.Models.Detection;

/// <summary>Which <see cref="RetinaNet"/>. The defaults are the paper's and torchvision's.</summary>
/// <param name="Backbone">With its pyramid.</param>
/// <param name="Classes">How many, without background.</param>
/// <param name="SmallestAnchor">
/// Side in pixels of the smallest anchor of the finest level; the next are 2^(1/3) and 2^(2/3) times as large, and each
/// level's twice those of the one below. The default value is 32: four times the finest level's stride of 8. Below
/// twice the stride, anchors leave gaps: a thing that lies between them has none that overlaps it by half.
/// </param>
/// <param name="HeadDepth">3x3 convolutions of a subnet before its last. The default value is 4.</param>
/// <param name="Limits">Which boxes are given out; null (the default) means <see cref="DetectionLimits"/>' defaults.</param>
public sealed record RetinaNetOptions(
    PyramidOptions Backbone, int Classes, int SmallestAnchor = 32, int HeadDepth = 4, DetectionLimits? Limits = null)
{
    /// <exception cref="KdException">An option is out of its range.</exception>
    internal void RequireSound()
    {
        Backbone.RequireSound();
        (Limits ?? new()).RequireSound();
        if (Classes < 1 || SmallestAnchor is < 2 or > 512 || HeadDepth is < 0 or > 16)
        {
            throw new KdException(
                $"RetinaNet: {Classes} classes, smallest anchor {SmallestAnchor}, head depth {HeadDepth}; expected at least 1, "
                + "2 to 512 pixels, 0 to 16.");
        }
    }
}
