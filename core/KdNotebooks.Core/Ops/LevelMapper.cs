using KdNotebooks.Runtime;

namespace KdNotebooks.Ops;

/// <summary>
/// The level of a pyramid that a box is pooled from: floor(k0 + log2(sqrt(area) / s0) + epsilon), within the pyramid.
/// Lin et al. 2017 (arXiv:1612.03144), eq. 1, as torchvision's LevelMapper.
/// </summary>
/// <param name="Finest">The finest level: 2 for a stride of 4 pixels.</param>
/// <param name="Coarsest">The coarsest level: 5 for a stride of 32 pixels.</param>
/// <param name="CanonicalLevel">k0, the level of a box of the canonical size. The default value is 4.</param>
/// <param name="CanonicalSize">s0, in pixels. The default value is 224.</param>
/// <param name="Epsilon">Dimensionless. The default value is 1e-6.</param>
public sealed record LevelMapper(
    int Finest, int Coarsest, int CanonicalLevel = 4, double CanonicalSize = 224, double Epsilon = 1e-6)
{
    /// <summary>For maps of these scales: 1/4 is level 2, 1/8 level 3.</summary>
    public static LevelMapper For(IReadOnlyList<double> scales)
    {
        if (scales.Count == 0 || scales.Any(scale => !(scale > 0)))
        {
            throw new KdException(
                $"Expected a scale above 0 for each level, finest first, got [{string.Join(", ", scales)}]; a map of "
                + "stride 4 has the scale 0.25.");
        }

        return new LevelMapper((int)-Math.Log2(scales[0]), (int)-Math.Log2(scales[^1]));
    }

    /// <summary>A map's pixels to the image's, rounded to a power of two, as torchvision infers it.</summary>
    /// <param name="map">[N, C, H, W]</param>
    /// <param name="height">Of the batch's images, padding included, in pixels.</param>
    public static double Scale(Tensor map, long height) =>
        Math.Pow(2, Math.Round(Math.Log2((double)map.shape[^2] / height)));

    /// <summary>The place of each box's level in the pyramid, 0 for the finest.</summary>
    /// <param name="boxes">[N, 4], in pixels of the image</param>
    /// <returns>[N] int64; an empty box is at the finest level</returns>
    public Tensor Levels(Tensor boxes)
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var sides = Boxes.Areas(boxes).sqrt();
        var level = (CanonicalLevel + (sides / CanonicalSize).log2() + Epsilon).floor();
        // A negative area has no root; what a NaN becomes as a whole number differs between processors.
        return (level.nan_to_num(Finest).clamp(Finest, Coarsest).to(torch.int64) - Finest).MoveToOuterDisposeScope();
    }
}
