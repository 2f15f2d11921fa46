using System.Globalization;
using KdNotebooks.Data;

namespace KdNotebooks.Distillation;

/// <summary>The training images in all their views: what a cache of teacher features is a cache over.</summary>
/// <param name="Seed">Of the augmentation.</param>
/// <param name="Stride">Of what a batch's height and width are multiples. The default value is 1.</param>
internal sealed record AugmentedSet(Dataset Data, IAugmentation Augmentation, long Seed, int Stride = 1)
{
    private const int LargeImage = 32 * 32, Few = 16, Many = 128;

    // Of a pass of the teacher, whatever the number of images: sixteen of 512x512.
    private const long MostPixels = 1 << 22;

    /// <summary>Whatever decides the pixels beside the images themselves.</summary>
    public string Key => $"{Augmentation.Key}, seed {Seed}, mean {Numbers(Data.Mean)}, std {Numbers(Data.Std)}"
        + (Stride == 1 ? "" : $", stride {Stride}");

    /// <summary>Every image once, in the set's order, in one view.</summary>
    public IEnumerable<PixelBatch> View(int view, CancellationToken cancellation)
    {
        // Of the largest image: which one comes first must not decide what fits into memory.
        var pixels = Augmentation.SizeOf(Data.Train.OneSize)?.Pixels
            ?? Enumerable.Range(0, Data.Train.Count).Max(i => Data.Train.SizeOf(i).Pixels);
        var most = Math.Clamp(MostPixels / pixels, 1, pixels > LargeImage ? Few : Many);
        // Epoch e shows view e - 1, unlimited or not: see IAugmentation.View.
        return BatchLoader.InOrder(Data.Train, (int)most, Augmentation, Seed, view + 1, cancellation);
    }

    // The same on every machine, whatever its decimal point is: the key of files that outlive the process.
    private static string Numbers(IEnumerable<float> values) =>
        string.Join(' ', values.Select(value => value.ToString(CultureInfo.InvariantCulture)));
}
