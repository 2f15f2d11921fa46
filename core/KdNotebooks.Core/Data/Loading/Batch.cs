namespace KdNotebooks.Data;

/// <summary>Some images of one pass as a network takes them, with what is to be learned of them.</summary>
/// <param name="Images">
/// [N, C, H, W] float32, normalized, with channels-last strides; smaller images are padded with 0 at the right and the
/// bottom.
/// </param>
/// <param name="Sizes">[N], each image's own height and width within H and W.</param>
/// <param name="Targets">Known to their task alone.</param>
/// <param name="Keys">Which images they are.</param>
public sealed record Batch(Tensor Images, IReadOnlyList<ImageSize> Sizes, ITargets Targets, SampleKeys Keys)
{
    /// <summary>N.</summary>
    public int Count => Sizes.Count;

    /// <summary>Height and width of the batch's images, padding included.</summary>
    internal ImageSize Whole => new((int)Images.shape[2], (int)Images.shape[3]);

    /// <summary>[N] as <see cref="PixelBatch.Prints"/>; null where the images come from elsewhere.</summary>
    internal Func<UInt128[]>? Prints { get; init; }

    /// <summary>Images without targets: to be looked at, or to try a network on.</summary>
    /// <param name="images">[N, C, H, W], normalized.</param>
    public static Batch Of(Tensor images)
    {
        var (count, size) = ((int)images.shape[0], new ImageSize((int)images.shape[2], (int)images.shape[3]));
        return new Batch(
            images, [.. Enumerable.Repeat(size, count)], new NoTargets(count),
            new SampleKeys([.. Enumerable.Range(0, count)], 0));
    }
}

/// <summary>Which samples a batch holds, and in which view: what a cache of a teacher's features is asked by.</summary>
/// <param name="Indices">[N], indices into the set.</param>
/// <param name="View">As in <see cref="IAugmentation.View"/>.</param>
public sealed record SampleKeys(int[] Indices, int View);
