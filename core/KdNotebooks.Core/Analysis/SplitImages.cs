using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Analysis;

/// <summary>The images of one split as layers are compared over them: in order, unchanged, of one size.</summary>
internal static class SplitImages
{
    /// <summary>[C, H, W] of one image.</summary>
    public static long[] Shape(SampleSet set, int index) =>
        set.SizeOf(index) is var size ? [set.Channels, size.Height, size.Width] : [];

    /// <summary>The first images.</summary>
    /// <param name="most">Images in a batch.</param>
    /// <param name="pixels">In a batch, at most.</param>
    /// <exception cref="KdException">Images differ in size: maps could not be compared place by place.</exception>
    public static IEnumerable<PixelBatch> First(
        SampleSet set, int count, int most, long pixels = 1 << 18, CancellationToken cancellation = default)
    {
        var first = set.SizeOf(0);
        return BatchLoader.Unchanged(
            set.Take(count), new EvaluationLimits(most, pixels), null, cancellation).Select(batch => batch.Size == first
                ? batch
                : throw new KdException(
                    $"{set.Name}: image {batch.Keys.Indices[0]} has {batch.Size} pixels, the first image of the split has "
                    + $"{first}; layers are compared over images of one size."));
    }
}
