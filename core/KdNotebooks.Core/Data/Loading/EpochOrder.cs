using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>In which order an epoch visits the samples: a pure function of seed and epoch.</summary>
public static class EpochOrder
{
    // Keeps these numbers apart from those that other code draws from the same seed.
    private const ulong Tag = 0x4F_52_44_52;

    /// <summary>A permutation of 0 to <paramref name="count"/> - 1.</summary>
    /// <param name="epoch">Counted from 1.</param>
    /// <exception cref="KdException">A count below 0 or an epoch below 1.</exception>
    public static int[] Of(int count, long seed, int epoch)
    {
        if (count < 0 || epoch < 1)
        {
            throw new KdException(
                $"EpochOrder: {count} samples in epoch {epoch}; expected 0 or more, and epochs from 1.");
        }

        var order = Enumerable.Range(0, count).ToArray();
        RandomStream.Of(Tag, (ulong)seed, (ulong)epoch).Shuffle(order);
        return order;
    }
}
