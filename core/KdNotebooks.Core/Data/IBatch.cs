namespace KdNotebooks.Data;

/// <summary>Some images of one pass over the training images, with what is to be learned of them.</summary>
public interface IBatch
{
    /// <summary>N.</summary>
    int Count { get; }

    /// <summary>[N], indices into the set.</summary>
    int[] Indices { get; }

    /// <summary>Which view of each image this is, as in <see cref="IAugmentation.View"/>.</summary>
    int View { get; }

    /// <summary>
    /// The images normalized, (pixels / 255 - mean) / std, and the labels; the caller's dispose scope owns both.
    /// </summary>
    /// <param name="mean">One value a channel.</param>
    /// <param name="std">One value a channel.</param>
    /// <param name="device">Bytes cross to it, a quarter of what floats would be.</param>
    /// <returns>
    /// Images [N, C, H, W] float32 with channels-last strides; labels int64, [N] or [N, H, W].
    /// </returns>
    (Tensor Images, Tensor Labels) ToTensors(IReadOnlyList<float> mean, IReadOnlyList<float> std, torch.Device device);
}

/// <summary>Deals a set out in batches, in another order each pass.</summary>
public interface IBatchLoader
{
    /// <summary>Batches in a pass.</summary>
    int Count { get; }

    /// <param name="epoch">The pass, counted from 1.</param>
    IEnumerable<IBatch> Epoch(int epoch, CancellationToken cancel = default);
}

/// <summary>
/// How training images are changed, as a pure function of seed, view and sample. A value: it round-trips through JSON
/// and takes part in a recipe's hash.
/// </summary>
public interface IAugmentation
{
    /// <summary>How many different views each image has; 0 means a new one every pass.</summary>
    int Views { get; }

    /// <summary>Null means the run's seed.</summary>
    int? Seed { get; }

    /// <summary>The view that a pass uses, from 0.</summary>
    /// <param name="epoch">The pass, counted from 1.</param>
    int View(int epoch);
}
