namespace KdNotebooks.Masks;

/// <summary>Collects run lengths; what follows with the same value goes on with the run before.</summary>
internal struct RunBuilder(int capacity)
{
    private int[] runs = new int[Math.Max(capacity, 4)];

    // The run that is being counted: its index is even for zeros.
    private int last;

    /// <summary>So many pixels more.</summary>
    public void Add(int length, bool value)
    {
        if (length == 0)
        {
            return;
        }

        if (last % 2 == 1 != value)
        {
            last++;
            if (last == runs.Length)
            {
                Array.Resize(ref runs, 2 * runs.Length);
            }
        }

        runs[last] += length;
    }

    /// <summary>Pixels one by one; what is not 0 is of the mask.</summary>
    public void Add(ReadOnlySpan<byte> pixels)
    {
        while (pixels.Length > 0)
        {
            var zeros = pixels.IndexOfAnyExcept((byte)0);
            Add(zeros < 0 ? pixels.Length : zeros, false);
            if (zeros < 0)
            {
                return;
            }

            pixels = pixels[zeros..];
            var ones = pixels.IndexOf((byte)0);
            ones = ones < 0 ? pixels.Length : ones;
            Add(ones, true);
            pixels = pixels[ones..];
        }
    }

    /// <summary>All of them, zeros first.</summary>
    public readonly int[] Runs() => runs[..(last + 1)];
}
