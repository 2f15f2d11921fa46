using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>How a set is dealt out in batches: how many there are, and which samples each holds in a pass.</summary>
internal sealed class BatchSampler
{
    private readonly int samples;
    private readonly long seed;
    private readonly bool dropLast, shuffle;

    /// <exception cref="KdException">A size out of range, or no batch at all.</exception>
    public BatchSampler(int samples, int batchSize, long seed, bool dropLast, bool shuffle)
    {
        if (batchSize < 1 || (dropLast && samples < batchSize))
        {
            throw new KdException(
                $"BatchLoader: {samples} images in batches of {batchSize} (drop last: {dropLast}); "
                + "expected sizes of at least 1 and at least one batch.");
        }

        (this.samples, BatchSize, this.seed) = (samples, batchSize, seed);
        (this.dropLast, this.shuffle) = (dropLast, shuffle);
    }

    public int BatchSize { get; }

    /// <summary>Batches in an epoch.</summary>
    public int Count => (samples + (dropLast ? 0 : BatchSize - 1)) / BatchSize;

    /// <summary>Which samples each batch of an epoch holds, by its number from 0.</summary>
    public Func<int, int[]> Epoch(int epoch)
    {
        var order = shuffle ? EpochOrder.Of(samples, seed, epoch) : [.. Enumerable.Range(0, samples)];
        return number => Indices(order, number * BatchSize);
    }

    private int[] Indices(int[] order, int first) => order[first..Math.Min(first + BatchSize, order.Length)];
}
