using System.Buffers;
using System.Runtime.Intrinsics;
using KdNotebooks.Data.Formats;

namespace KdNotebooks.Data;

/// <summary>What each pixel of a resized line is made of.</summary>
/// <param name="First">[n], the first pixel of the original's line.</param>
/// <param name="Count">[n], how many of them.</param>
/// <param name="Weights">[n, <paramref name="Most"/>], in parts of 2^22.</param>
/// <param name="Most">The largest count.</param>
internal sealed record LineTaps(int[] First, int[] Count, int[] Weights, int Most)
{
    /// <summary>Of one in the fixed point numbers of <see cref="Weights"/>.</summary>
    public const int Bits = 22;

    /// <summary>
    /// Pillow's (Resample.c, <c>precompute_coeffs</c>): a triangle over two pixels of the result, or of the original where that is
    /// smaller. Sums are in doubles, then rounded.
    /// </summary>
    /// <param name="from">Where the result begins in the line, in pixels; within the first one.</param>
    /// <param name="to">Where it ends.</param>
    /// <param name="length">Pixels of the line that may be looked at.</param>
    /// <param name="resized">Pixels of the whole result.</param>
    /// <param name="start">The first that is wanted.</param>
    /// <param name="count">How many are wanted.</param>
    public static LineTaps Of(double from, double to, int length, int resized, int start, int count)
    {
        var scale = (to - from) / resized;
        var support = Math.Max(scale, 1);
        var most = ((int)Math.Ceiling(support) * 2) + 1;
        var (first, counts, weights) = (new int[count], new int[count], new int[count * most]);
        Span<double> shares = most <= 256 ? stackalloc double[most] : new double[most];
        for (var i = 0; i < count; i++)
        {
            var centre = from + ((start + i + 0.5) * scale);
            var low = Math.Max((int)(centre - support + 0.5), 0);
            var high = Math.Min((int)(centre + support + 0.5), length);
            var sum = 0.0;
            for (var x = low; x < high; x++)
            {
                var share = Math.Max(1 - Math.Abs((x - centre + 0.5) * (1 / support)), 0);
                shares[x - low] = share;
                sum += share;
            }

            (first[i], counts[i]) = (low, high - low);
            for (var x = 0; x < high - low; x++)
            {
                weights[(i * most) + x] = (int)(0.5 + ((sum == 0 ? shares[x] : shares[x] / sum) * (1 << Bits)));
            }
        }

        return new LineTaps(first, counts, weights, most);
    }
}

/// <summary>
/// Resizes as Pillow's <c>resize(..., BILINEAR)</c>, to the bit: a pixel of the result is a weighted mean of all that it covers
/// (antialiased), along lines first, rounded to bytes, then across them.
/// </summary>
internal static class Antialias
{
    private const int Half = 1 << (LineTaps.Bits - 1);

    /// <summary>A window of a resized crop; what of it lies beyond the crop is 0.</summary>
    /// <param name="source">The pixels of at least the crop.</param>
    /// <param name="crop">In pixels of the picture as it is stored.</param>
    /// <param name="resized">What the whole crop becomes.</param>
    /// <param name="window">Within it, or around it.</param>
    /// <param name="mirrored">Left to right.</param>
    /// <param name="planes">[C, h, w] of the window.</param>
    /// <param name="channels">1 to 3.</param>
    public static void Resize(
        PixelPart source, PixelRect crop, ImageSize resized, PixelRect window, bool mirrored, Span<byte> planes, int channels)
    {
        var (left, width) = Within(window.Left, window.Width, resized.Width);
        var (top, height) = Within(window.Top, window.Height, resized.Height);
        if (width < window.Width || height < window.Height)
        {
            planes.Clear();
        }

        if (width <= 0 || height <= 0)
        {
            return;
        }

        var across = Taps(crop.Left, crop.Width, source.Reduction, source.Whole.Width, resized.Width, left, width);
        var down = Taps(crop.Top, crop.Height, source.Reduction, source.Whole.Height, resized.Height, top, height);
        var rows = (First: down.Taps.First[0], Count: down.Taps.First[^1] + down.Taps.Count[^1] - down.Taps.First[0]);
        var memory = ArrayPool<byte>.Shared.Rent(4 * width * (rows.Count + 1));
        try
        {
            // Whole registers are written and read: the last row has one behind it.
            var narrow = memory.AsSpan(0, 4 * width * rows.Count);
            Across(source, across, (down.Origin + rows.First, rows.Count), narrow);
            var line = memory.AsSpan(4 * width * rows.Count, 4 * width);
            for (var y = 0; y < height; y++)
            {
                Down(narrow, down.Taps, y, rows.First, line);
                var row = y + top - window.Top;
                for (var channel = 0; channel < channels; channel++)
                {
                    var start = (channel * window.Height * window.Width) + (row * window.Width);
                    Pick(line, channel, planes.Slice(start, window.Width), left - window.Left, mirrored);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(memory);
        }
    }

    private static (int Start, int Count) Within(int start, int count, int length)
    {
        var first = Math.Max(start, 0);
        return (first, Math.Min(start + count, length) - first);
    }

    // Origin: of what the taps count from, in pixels of the source's whole.
    private static (LineTaps Taps, int Origin) Taps(
        int start, int count, int reduction, int reduced, int resized, int first, int wanted)
    {
        if (reduction == 1)
        {
            return (LineTaps.Of(0, count, count, resized, first, wanted), start);
        }

        // Its last pixel may stand for fewer than the others.
        var (from, to) = ((double)start / reduction, (double)(start + count) / reduction);
        var origin = (int)from;
        var length = Math.Min((int)Math.Ceiling(to), reduced) - origin;
        return (LineTaps.Of(from - origin, to - origin, length, resized, first, wanted), origin);
    }

    private static unsafe void Across(
        PixelPart source, (LineTaps Taps, int Origin) across, (int First, int Count) rows, Span<byte> result)
    {
        var (taps, width) = (across.Taps, across.Taps.First.Length);
        fixed (byte* pixels = source.Pixels, to = result)
        fixed (int* weights = taps.Weights)
        {
            for (var y = 0; y < rows.Count; y++)
            {
                var line = pixels + (4 * (((rows.First + y - source.At.Top) * source.At.Width) + across.Origin - source.At.Left));
                for (var x = 0; x < width; x++)
                {
                    var pixel = line + (4 * taps.First[x]);
                    var weight = weights + (x * taps.Most);
                    var sum = Vector128.Create(Half);
                    for (var i = 0; i < taps.Count[x]; i++)
                    {
                        var four = Vector128.CreateScalarUnsafe(*(uint*)(pixel + (4 * i))).AsByte();
                        sum += Vector128.WidenLower(Vector128.WidenLower(four)).AsInt32() * weight[i];
                    }

                    *(uint*)(to + (4 * ((y * width) + x))) = Bytes(sum);
                }
            }
        }
    }

    private static uint Bytes(Vector128<int> sum)
    {
        var words = Vector128.Narrow(sum >> LineTaps.Bits, Vector128<int>.Zero);
        return Vector128.Narrow(words.AsUInt16(), Vector128<ushort>.Zero).AsUInt32()[0];
    }

    private static unsafe void Down(Span<byte> rows, LineTaps taps, int y, int firstRow, Span<byte> line)
    {
        var (first, count) = (taps.First[y] - firstRow, taps.Count[y]);
        fixed (byte* pixels = rows, to = line)
        fixed (int* weights = taps.Weights)
        {
            var weight = weights + (y * taps.Most);
            var at = 0;
            for (; at + 16 <= line.Length; at += 16)
            {
                var (a, b, c, d) = (Vector128.Create(Half), Vector128.Create(Half), Vector128.Create(Half), Vector128.Create(Half));
                for (var i = 0; i < count; i++)
                {
                    var sixteen = Vector128.Load(pixels + ((first + i) * line.Length) + at);
                    var (low, high) = Vector128.Widen(sixteen);
                    var (one, two) = Vector128.Widen(low);
                    var (three, four) = Vector128.Widen(high);
                    var share = weight[i];
                    a += one.AsInt32() * share;
                    b += two.AsInt32() * share;
                    c += three.AsInt32() * share;
                    d += four.AsInt32() * share;
                }

                var lower = Vector128.Narrow(a >> LineTaps.Bits, b >> LineTaps.Bits);
                var upper = Vector128.Narrow(c >> LineTaps.Bits, d >> LineTaps.Bits);
                Vector128.Narrow(lower.AsUInt16(), upper.AsUInt16()).Store(to + at);
            }

            for (; at < line.Length; at++)
            {
                var sum = Half;
                for (var i = 0; i < count; i++)
                {
                    sum += pixels[((first + i) * line.Length) + at] * weight[i];
                }

                to[at] = (byte)(sum >> LineTaps.Bits);
            }
        }
    }

    // One channel of a line of pixels, into its place of a row; what is beside it stays.
    private static void Pick(ReadOnlySpan<byte> line, int channel, Span<byte> row, int left, bool mirrored)
    {
        var count = line.Length / 4;
        if (mirrored)
        {
            for (var x = 0; x < count; x++)
            {
                row[row.Length - 1 - left - x] = line[(4 * x) + channel];
            }

            return;
        }

        var place = row.Slice(left, count);
        for (var x = 0; x < place.Length; x++)
        {
            place[x] = line[(4 * x) + channel];
        }
    }
}
