namespace KdNotebooks.Runtime;

/// <summary>
/// Random numbers that are a pure function of a few integers: equal keys give equal numbers, on every machine, in every
/// order of asking. SplitMix64: Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators", sect. 4.
/// </summary>
/// <remarks>
/// Results depend on these numbers, so they may never change; <see cref="Random"/> makes no such promise across .NET
/// versions, which is why this is written by hand. A mutable value without a heap object: keep it in a local variable,
/// a copy goes on by itself from where it was copied.
/// </remarks>
public struct RandomStream
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong _state;

    private RandomStream(ulong state) => _state = state;

    /// <summary>The stream of these keys, whose number and order count: (1, 2), (2, 1), (1, 2, 0) differ.</summary>
    /// <param name="keys">By habit first a tag of the use, then seed, epoch or view, and sample.</param>
    public static RandomStream Of(params ReadOnlySpan<ulong> keys)
    {
        var state = Mix((ulong)keys.Length);
        foreach (var key in keys)
        {
            state = Mix((state + Golden) ^ Mix(key + Golden));
        }

        return new RandomStream(state);
    }

    /// <summary>The next 64 bits.</summary>
    public ulong NextUInt64()
    {
        _state += Golden;
        return Mix(_state);
    }

    /// <summary>One of 0 to maxExclusive - 1, equally likely. Lemire 2019 (arXiv:1805.10941), alg. 5.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxExclusive"/> is not positive.</exception>
    public int NextInt(int maxExclusive)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxExclusive);
        var range = (ulong)maxExclusive;
        var high = Math.BigMul(NextUInt64(), range, out var low);
        if (low < range)
        {
            // 2^64 mod range values too many would fall on some numbers: draw those again.
            var surplus = unchecked(0UL - range) % range;
            while (low < surplus)
            {
                high = Math.BigMul(NextUInt64(), range, out low);
            }
        }

        return (int)high;
    }

    /// <summary>True or false, equally likely.</summary>
    public bool NextBool() => NextUInt64() >> 63 != 0;

    /// <summary>Puts the items into a random order, each equally likely (Fisher and Yates, from the end).</summary>
    public void Shuffle(Span<int> items)
    {
        for (var last = items.Length - 1; last > 0; last--)
        {
            var other = NextInt(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
