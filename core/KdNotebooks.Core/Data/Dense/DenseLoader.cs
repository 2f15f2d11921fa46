using KdNotebooks.Runtime;

namespace KdNotebooks.Data.Dense;

/// <summary>
/// Deals a set of images with label maps out in batches, made ahead on a background task, as <see cref="BatchLoader"/>
/// does: which samples a batch holds, and every pixel of them, is a function of seed and epoch alone.
/// </summary>
public sealed class DenseLoader : IBatchLoader
{
    // Pixels of an evaluation batch: 28 images of 96x96, one of Cityscapes.
    private const int EvaluationPixels = 1 << 18;

    private readonly DenseSet _set;
    private readonly DenseAugmentation _augmentation;
    private readonly long _seed;
    private readonly Deal _deal;

    /// <summary>For training: another order each epoch.</summary>
    /// <param name="batchSize">Samples in a batch, at least 1.</param>
    /// <param name="seed">Of the order, and of the augmentation where that has none of its own.</param>
    /// <param name="augmentation">The default value null means none.</param>
    /// <param name="dropLast">
    /// Whether a last batch of fewer samples is left out. The default value is true: a batch of one image has no
    /// statistics for the normalization of pooled maps.
    /// </param>
    /// <param name="ahead">How many finished batches may wait, at least 1. The default value is 2.</param>
    /// <exception cref="KdException">A size out of range, or no batch at all.</exception>
    public DenseLoader(
        DenseSet set, int batchSize, long seed, DenseAugmentation? augmentation = null, bool dropLast = true,
        int ahead = 2)
        : this(set, batchSize, seed, augmentation ?? DenseAugmentation.None, dropLast, ahead, shuffle: true)
    {
    }

    private DenseLoader(
        DenseSet set, int batchSize, long seed, DenseAugmentation augmentation, bool dropLast, int ahead, bool shuffle)
    {
        _deal = new Deal(("DenseLoader", "samples"), set.Count, batchSize, seed, dropLast, ahead, shuffle);
        (_set, _seed, _augmentation) = (set, seed, augmentation);
    }

    public int BatchSize => _deal.BatchSize;

    /// <summary>Batches in an epoch.</summary>
    public int Count => _deal.Count;

    /// <summary>
    /// For evaluation: every sample once, unchanged; those of one size together, as many as fit well, else in the set's
    /// order.
    /// </summary>
    public static IEnumerable<DenseBatch> InSizes(DenseSet set, CancellationToken cancel = default)
    {
        var (height, width) = set.SizeOf(0);
        var size = Math.Clamp(EvaluationPixels / (height * width), 1, 32);
        foreach (var batch in InOrder(set, size, cancel))
        {
            var sizes = batch.Samples.Zip(batch.Indices).GroupBy(entry => (entry.First.Height, entry.First.Width));
            foreach (var alike in sizes)
            {
                yield return new DenseBatch(
                    [.. alike.Select(entry => entry.First)], [.. alike.Select(entry => entry.Second)], batch.View);
            }
        }
    }

    /// <summary>For evaluation: every sample once, in the set's order, unchanged.</summary>
    /// <param name="batchSize">1 where images differ in size.</param>
    /// <exception cref="KdException">A batch size below 1.</exception>
    public static IEnumerable<DenseBatch> InOrder(DenseSet set, int batchSize, CancellationToken cancel = default) =>
        InOrder(set, batchSize, DenseAugmentation.None, 0, 1, cancel);

    /// <summary>Every sample once, in the set's order, in the view that training sees in that epoch.</summary>
    /// <param name="seed">Of the augmentation where that has none of its own.</param>
    /// <param name="epoch">Counted from 1.</param>
    /// <exception cref="KdException">A batch size or an epoch below 1.</exception>
    public static IEnumerable<DenseBatch> InOrder(
        DenseSet set, int batchSize, DenseAugmentation augmentation, long seed, int epoch,
        CancellationToken cancel = default) =>
        new DenseLoader(set, batchSize, seed, augmentation, dropLast: false, ahead: 2, shuffle: false)
            .Epoch(epoch, cancel);

    /// <summary>The batches of one epoch. To stop early, leave the loop: the task behind it has then ended.</summary>
    /// <param name="epoch">Counted from 1.</param>
    /// <exception cref="KdException">An epoch below 1; while enumerating, a file that cannot be read.</exception>
    /// <exception cref="OperationCanceledException">While enumerating, when cancelled.</exception>
    public IEnumerable<DenseBatch> Epoch(int epoch, CancellationToken cancel = default)
    {
        var view = _augmentation.View(epoch);
        return _deal.Epoch(epoch, indices => Make(indices, view), cancel);
    }

    IEnumerable<IBatch> IBatchLoader.Epoch(int epoch, CancellationToken cancel) => Epoch(epoch, cancel);

    private DenseBatch Make(int[] indices, int view)
    {
        // Ordered: each sample has its place, whoever makes it. An error comes out as it is, not in a bundle.
        try
        {
            var samples = indices.AsParallel().AsOrdered()
                .Select(index => _augmentation.Apply(_set.Load(index), _seed, view, index)).ToArray();
            return new DenseBatch(samples, indices, view);
        }
        catch (AggregateException problems)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(problems.InnerExceptions[0]);
            throw;
        }
    }
}
