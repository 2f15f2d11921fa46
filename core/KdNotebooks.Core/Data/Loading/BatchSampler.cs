using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>How a set is dealt out in batches: how many there are, and which samples each holds in a pass.</summary>
internal sealed class BatchSampler
{
    private readonly int samples, ahead;
    private readonly long seed;
    private readonly bool dropLast, shuffle;

    /// <exception cref="KdException">A size out of range, or no batch at all.</exception>
    public BatchSampler(
        int samples, int batchSize, long seed, bool dropLast, int ahead, bool shuffle)
    {
        if (batchSize < 1 || ahead < 1 || (dropLast && samples < batchSize))
        {
            throw new KdException(
                $"BatchLoader: {samples} images in batches of {batchSize} (drop last: {dropLast}), {ahead} ahead; "
                + "expected sizes of at least 1 and at least one batch.");
        }

        (this.samples, BatchSize, this.seed) = (samples, batchSize, seed);
        (this.dropLast, this.ahead, this.shuffle) = (dropLast, ahead, shuffle);
    }

    public int BatchSize { get; }

    /// <summary>Batches in an epoch.</summary>
    public int Count => (samples + (dropLast ? 0 : BatchSize - 1)) / BatchSize;

    /// <summary>The batches of one epoch, made ahead.</summary>
    /// <param name="make">Makes a batch of the samples with these indices.</param>
    public IEnumerable<T> Epoch<T>(int epoch, Func<int[], T> make, CancellationToken cancel)
    {
        var order = shuffle ? EpochOrder.Of(samples, seed, epoch) : [.. Enumerable.Range(0, samples)];
        return Prefetch.Enumerate(Count, number => make(Indices(order, number * BatchSize)), ahead, cancel);
    }

    private int[] Indices(int[] order, int first) => order[first..Math.Min(first + BatchSize, order.Length)];
}
