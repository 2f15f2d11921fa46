using KdNotebooks.Data;

namespace KdNotebooks.Distillation;

/// <summary>
/// What of a batch's maps lies outside the images: images of several sizes are padded at the right and the bottom, and
/// nothing there is to be learned.
/// </summary>
internal sealed class Padding
{
    private readonly IReadOnlyList<ImageSize> sizes;
    private readonly ImageSize whole;

    private Padding(Batch batch) => (sizes, whole) = (batch.Sizes, batch.Whole);

    /// <summary>Null where every image fills the batch.</summary>
    public static Padding? Of(Batch batch) =>
        batch.Sizes.All(size => size == batch.Whole) ? null : new Padding(batch);

    /// <summary>The map with zeros outside of the images; the caller's dispose scope owns it.</summary>
    /// <param name="map">[N, C, H, W] of the whole batch.</param>
    /// <param name="keepMean">
    /// Whether what is left is enlarged, so that the mean over all positions is that over the image's own.
    /// </param>
    public Tensor Clear(Tensor map, bool keepMean = false)
    {
        var (rows, columns) = (map.shape[2], map.shape[3]);
        var kept = new float[sizes.Count * rows * columns];
        for (var i = 0; i < sizes.Count; i++)
        {
            var (high, wide) = sizes[i].Within(whole, rows, columns);
            var value = keepMean ? (float)(rows * columns) / (high * wide) : 1;
            for (var row = 0; row < high; row++)
            {
                Array.Fill(kept, value, (int)(((i * rows) + row) * columns), wide);
            }
        }

        using var scope = torch.NewDisposeScope();
        return (map * torch.tensor(kept, [sizes.Count, 1, rows, columns], dtype: map.dtype, device: map.device))
            .MoveToOuterDisposeScope();
    }

    /// <summary>How many times more positions the batch has than its images have.</summary>
    /// <param name="rows">Of a map.</param>
    /// <param name="columns">Of a map.</param>
    public double Excess(long rows, long columns) => (double)(sizes.Count * rows * columns)
        / sizes.Sum(size => size.Within(whole, rows, columns) is var (high, wide) ? (long)high * wide : 0);
}
