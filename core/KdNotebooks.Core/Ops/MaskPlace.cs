namespace KdNotebooks.Ops;

/// <summary>A mask's frame in an image, and the mask resized to it, line by line.</summary>
internal sealed class MaskPlace
{
    private readonly int size; // with the frame around it
    private readonly float[] wide; // [size, Right - Left]: resized along x
    private readonly long top, height;

    /// <param name="mask">[size, size]</param>
    /// <param name="box">(x1, y1, x2, y2)</param>
    public MaskPlace(ReadOnlySpan<float> mask, int size, ReadOnlySpan<float> box, int imageHeight, int imageWidth)
    {
        this.size = size + 2;
        var scale = (float)((double)this.size / size);
        var (left, right) = Enlarged(box[0], box[2], scale);
        (top, var bottom) = Enlarged(box[1], box[3], scale);
        height = Math.Max(bottom - top + 1, 1);
        (Left, Right) = Within(left, right, imageWidth);
        (Top, Bottom) = Within(top, bottom, imageHeight);
        wide = new float[this.size * (Right - Left)];
        Widen(mask, left, Math.Max(right - left + 1, 1));
    }

    /// <summary>The part of the frame inside the image, from the first to before the last.</summary>
    public int Left { get; }

    public int Right { get; }

    public int Top { get; }

    public int Bottom { get; }

    /// <summary>The mask along a line of the image, from <see cref="Left"/> to <see cref="Right"/>.</summary>
    public void Line(int y, Span<float> values)
    {
        var (low, high, share) = Source(y - top, height, size);
        var upper = wide.AsSpan(low * values.Length, values.Length);
        var lower = wide.AsSpan(high * values.Length, values.Length);
        for (var x = 0; x < values.Length; x++)
        {
            values[x] = (upper[x] * (1 - share)) + (lower[x] * share);
        }
    }

    private void Widen(ReadOnlySpan<float> mask, long left, long width)
    {
        var inner = size - 2;
        for (var x = Left; x < Right; x++)
        {
            var (low, high, share) = Source(x - left, width, size);
            for (var row = 1; row <= inner; row++)
            {
                var line = mask.Slice((row - 1) * inner, inner);
                var (a, b) = (At(line, low - 1), At(line, high - 1));
                wide[(row * (Right - Left)) + x - Left] = (a * (1 - share)) + (b * share);
            }
        }
    }

    private static float At(ReadOnlySpan<float> line, int x) => x < 0 || x >= line.Length ? 0 : line[x];

    private static (long From, long To) Enlarged(float from, float to, float scale)
    {
        var (half, centre) = ((to - from) * 0.5f * scale, (to + from) * 0.5f);
        // Cut towards 0, as a conversion to whole numbers does. A side that is no number gives an empty frame.
        return float.IsFinite(half) && float.IsFinite(centre)
            ? ((long)Math.Clamp(centre - half, -1e9f, 1e9f), (long)Math.Clamp(centre + half, -1e9f, 1e9f))
            : (0, -1);
    }

    private static (int From, int To) Within(long from, long to, int length)
    {
        var (first, last) = ((int)Math.Clamp(from, 0, length), (int)Math.Clamp(to + 1, 0, length));
        return (first, Math.Max(first, last));
    }

    // PyTorch's bilinear without aligned corners: pixel centres at halves, the edge's value beyond the outermost one.
    private static (int Low, int High, float Share) Source(long place, long length, int size)
    {
        var source = Math.Max((((float)size / length) * (place + 0.5f)) - 0.5f, 0);
        var low = Math.Min((int)source, size - 1);
        return (low, Math.Min(low + 1, size - 1), source - low);
    }
}
