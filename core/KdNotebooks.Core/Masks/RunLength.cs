using System.Buffers;
using KdNotebooks.Runtime;

namespace KdNotebooks.Masks;

/// <summary>
/// A mask as COCO's run lengths: down the columns, from the left; first how many zeros, then how many ones, and so on.
/// Exact, and a few hundred numbers where a bitmap has a few hundred thousand. Whatever says the same mask is the same
/// value: runs of no length are taken out, but for the first. Lin et al. 2014 (arXiv:1405.0312); every function gives
/// what the reference implementation's <c>maskApi.c</c> gives.
/// </summary>
public sealed partial class RunLength : IEquatable<RunLength>
{
    private readonly int[] runs;

    // Runs that add up to the size, none of them empty but perhaps the first.
    private RunLength(int[] runs, int height, int width)
    {
        (this.runs, Height, Width) = (runs, height, width);
        for (var i = 1; i < runs.Length; i += 2)
        {
            Area += runs[i];
        }
    }

    /// <summary>Of the image, in pixels.</summary>
    public int Height { get; }

    /// <summary>Of the image, in pixels.</summary>
    public int Width { get; }

    /// <summary>Pixels of the mask.</summary>
    public int Area { get; }

    /// <summary>Lengths of runs, zeros first; they add up to height x width.</summary>
    public IReadOnlyList<int> Counts => Array.AsReadOnly(runs);

    /// <summary>The smallest box around the mask; 0, 0, 0, 0 for an empty one.</summary>
    public ImageBox Box
    {
        get
        {
            var (left, top, right, bottom) = (Width, Height, 0, 0);
            var end = 0;
            for (var i = 0; i + 1 < runs.Length; i += 2)
            {
                var first = end + runs[i];
                end = first + runs[i + 1];
                var (from, to) = (first / Height, (end - 1) / Height);
                (left, right) = (Math.Min(left, from), Math.Max(right, to + 1));
                (top, bottom) = from == to
                    ? (Math.Min(top, first % Height), Math.Max(bottom, ((end - 1) % Height) + 1))
                    : (0, Height);
            }

            return right == 0 ? default : new ImageBox(left, top, right - left, bottom - top);
        }
    }

    /// <summary>A mask without a pixel.</summary>
    /// <exception cref="KdException">No size of an image.</exception>
    public static RunLength Empty(int height, int width)
    {
        RequireSize(height, width);
        return new RunLength([height * width], height, width);
    }

    /// <summary>COCO's uncompressed run lengths.</summary>
    /// <exception cref="KdException">They do not add up to the size, or one is negative.</exception>
    public static RunLength OfCounts(IReadOnlyList<int> counts, int height, int width)
    {
        RequireSize(height, width);
        var builder = new RunBuilder(counts.Count);
        var total = 0L;
        for (var i = 0; i < counts.Count; i++)
        {
            if (counts[i] < 0)
            {
                throw new KdException(
                    $"Run lengths: number {i} is {counts[i]}; expected numbers of pixels, none below 0.");
            }

            total += counts[i];
            builder.Add(counts[i], i % 2 == 1);
        }

        RequireSum(total, height, width);
        return new RunLength(builder.Runs(), height, width);
    }

    /// <summary>A bitmap of the image.</summary>
    /// <param name="mask">[H, W], row by row; what is not 0 is of the mask.</param>
    /// <exception cref="KdException">It has another number of pixels.</exception>
    public static RunLength OfBitmap(ReadOnlySpan<byte> mask, int height, int width) =>
        OfPatch(mask, height, width, 0, 0, height, width);

    /// <inheritdoc cref="OfBitmap(ReadOnlySpan{byte}, int, int)"/>
    public static RunLength OfBitmap(ReadOnlySpan<bool> mask, int height, int width) =>
        OfBitmap(System.Runtime.InteropServices.MemoryMarshal.AsBytes(mask), height, width);

    /// <summary>A bitmap that covers a part of the image; around it nothing is of the mask.</summary>
    /// <param name="patch">[h, w], row by row; what is not 0 is of the mask.</param>
    /// <param name="patchHeight">At least 1.</param>
    /// <param name="patchWidth">At least 1.</param>
    /// <param name="top">Row of the image where the patch begins; the patch lies within the image.</param>
    /// <param name="left">Column of the image where it begins.</param>
    /// <exception cref="KdException">Another number of pixels, or a patch that leaves the image.</exception>
    public static RunLength OfPatch(
        ReadOnlySpan<byte> patch, int patchHeight, int patchWidth, int top, int left, int height, int width)
    {
        RequireSize(height, width);
        RequireSize(patchHeight, patchWidth);
        if (patch.Length != patchHeight * patchWidth || top < 0 || left < 0 || top > height - patchHeight
            || left > width - patchWidth)
        {
            throw new KdException(
                $"Run lengths: a bitmap of {patch.Length} pixels came for {patchWidth}x{patchHeight} at ({left}, "
                + $"{top}) of an image of {width}x{height}; expected one byte a pixel, within the image.");
        }

        var columns = ArrayPool<byte>.Shared.Rent(patch.Length);
        try
        {
            Transpose(patch, columns, patchHeight, patchWidth);
            var builder = new RunBuilder(16);
            builder.Add(left * height, false);
            for (var x = 0; x < patchWidth; x++)
            {
                builder.Add(top, false);
                builder.Add(columns.AsSpan(x * patchHeight, patchHeight));
                builder.Add(height - top - patchHeight, false);
            }

            builder.Add((width - left - patchWidth) * height, false);
            return new RunLength(builder.Runs(), height, width);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(columns);
        }
    }

    /// <summary>The mask as a bitmap.</summary>
    /// <returns>[H, W], row by row, 0 or 1.</returns>
    public byte[] ToBitmap()
    {
        var mask = new byte[Height * Width];
        var at = 0;
        for (var i = 0; i + 1 < runs.Length; i += 2)
        {
            at += runs[i];
            var (x, y) = Math.DivRem(at, Height);
            for (var left = runs[i + 1]; left > 0; (x, y) = (x + 1, 0))
            {
                for (var bottom = Math.Min(y + left, Height); y < bottom; y++, left--)
                {
                    mask[(y * Width) + x] = 1;
                }
            }

            at += runs[i + 1];
        }

        return mask;
    }

    public bool Equals(RunLength? other) =>
        other is not null && (Height, Width) == (other.Height, other.Width) && runs.AsSpan().SequenceEqual(other.runs);

    public override bool Equals(object? obj) => Equals(obj as RunLength);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Height);
        hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(runs.AsSpan()));
        return hash.ToHashCode();
    }

    public override string ToString() => $"mask of {Area} pixels in {Width}x{Height}";

    // Column by column, 0 or 1. Rented; the caller gives it back.
    private byte[] RentColumns()
    {
        var columns = ArrayPool<byte>.Shared.Rent(Height * Width);
        var at = 0;
        for (var i = 0; i < runs.Length; i++)
        {
            columns.AsSpan(at, runs[i]).Fill((byte)(i % 2));
            at += runs[i];
        }

        return columns;
    }

    // In blocks: a column read from top to bottom of a large image would fetch every row from memory again.
    private static void Transpose(ReadOnlySpan<byte> rows, Span<byte> columns, int height, int width)
    {
        const int block = 32;
        for (var left = 0; left < width; left += block)
        {
            var right = Math.Min(left + block, width);
            for (var y = 0; y < height; y++)
            {
                var row = rows.Slice(y * width, width);
                for (var x = left; x < right; x++)
                {
                    columns[(x * height) + y] = row[x];
                }
            }
        }
    }

    private static void RequireSize(int height, int width)
    {
        if (height < 1 || width < 1 || (long)height * width > int.MaxValue)
        {
            throw new KdException(
                $"Run lengths: an image of {width}x{height} pixels; expected at least 1x1 and fewer than 2^31 pixels.");
        }
    }

    private static void RequireSum(long total, int height, int width)
    {
        if (total != (long)height * width)
        {
            throw new KdException(
                $"Run lengths: they add up to {total} pixels; expected {(long)height * width}, of an image of "
                + $"{width}x{height}.");
        }
    }
}
