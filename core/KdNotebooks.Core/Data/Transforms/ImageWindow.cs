using KdNotebooks.Masks;
using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>Where each row (or column) of a crop lies in the original.</summary>
/// <param name="Source">Rows of the original.</param>
/// <param name="Nearest">Of each row of the crop; -1 for padding.</param>
/// <param name="Low">The row whose centre is before it, or the first; -1 for padding.</param>
/// <param name="Share">How far it is from there to the next one, 0 to 1.</param>
/// <param name="Place">Where a row's edge of the original comes to lie in the crop, which is not cut there.</param>
internal sealed record SampleAxis(
    int Source, int[] Nearest, int[] Low, double[] Share, Func<double, double> Place)
{
    /// <param name="source">Rows of the original.</param>
    /// <param name="resized">Rows of the resized image.</param>
    /// <param name="start">Where the crop begins in it.</param>
    /// <param name="count">Rows of the crop; those beyond the resized image are padding.</param>
    /// <param name="mirrored">From the end to the start; padding stays at the end.</param>
    public static SampleAxis Of(int source, int resized, int start, int count, bool mirrored)
    {
        var (nearest, low, share) = (new int[count], new int[count], new double[count]);
        var within = Math.Min(count, resized - start);
        for (var i = 0; i < count; i++)
        {
            if (i >= within)
            {
                (nearest[i], low[i]) = (-1, -1);
                continue;
            }

            // Centres of pixels on centres: pixel i covers [i, i + 1).
            var centre = (start + (mirrored ? within - 1 - i : i) + 0.5) * source / resized;
            nearest[i] = Math.Min((int)centre, source - 1);
            var at = Math.Min(Math.Max(centre - 0.5, 0), source - 1);
            (low[i], share[i]) = ((int)at, at - (int)at);
        }

        double Place(double edge)
        {
            var at = (edge * resized / source) - start;
            return mirrored ? within - at : at;
        }

        return new SampleAxis(source, nearest, low, share, Place);
    }

    /// <summary>A part of the original, resized.</summary>
    /// <param name="from">The part's first row.</param>
    /// <param name="length">Its rows.</param>
    public static SampleAxis Part(int source, int from, int length, int count, bool mirrored)
    {
        var (nearest, low, share) = (new int[count], new int[count], new double[count]);
        for (var i = 0; i < count; i++)
        {
            var centre = from + (((mirrored ? count - 1 - i : i) + 0.5) * length / count);
            nearest[i] = Math.Min((int)centre, from + length - 1);
            var at = Math.Clamp(centre - 0.5, from, from + length - 1);
            (low[i], share[i]) = ((int)at, at - (int)at);
        }

        double Place(double edge)
        {
            var at = (edge - from) * count / length;
            return mirrored ? count - at : at;
        }

        return new SampleAxis(source, nearest, low, share, Place);
    }

    /// <summary>Position i shows i + by, mirrored afterwards where that is asked for.</summary>
    public static SampleAxis Shifted(int count, int by, bool mirrored)
    {
        var from = Enumerable.Range(0, count).Select(i => (mirrored ? count - 1 - i : i) + by)
            .Select(at => at < 0 || at >= count ? -1 : at).ToArray();
        return new SampleAxis(count, from, from, new double[count], edge => mirrored ? count - (edge - by) : edge - by);
    }

    /// <summary>An interval of the original within the crop; nothing of it where the second is not above the first.</summary>
    public (double From, double To) Cut(double from, double to)
    {
        var (one, other) = (Place(from), Place(to));
        // Padding is at the end: nothing of the original lies there.
        var last = Array.FindLastIndex(Nearest, row => row >= 0) + 1;
        return (Math.Clamp(Math.Min(one, other), 0, last), Math.Clamp(Math.Max(one, other), 0, last));
    }
}

/// <summary>A crop of a resized, perhaps mirrored image: what is sampled from where.</summary>
public sealed class ImageWindow
{
    private readonly SampleAxis rows, columns;

    internal ImageWindow(SampleAxis rows, SampleAxis columns) => (this.rows, this.columns) = (rows, columns);

    /// <summary>The image moved by whole pixels within its own size, then perhaps mirrored left to right.</summary>
    public static ImageWindow Shifted(ImageSize size, int down, int right, bool mirrored) => new(
        SampleAxis.Shifted(size.Height, down, mirrored: false), SampleAxis.Shifted(size.Width, right, mirrored));

    /// <summary>A crop of the resized image; what lies beyond it, at the right and the bottom, is padding.</summary>
    /// <param name="image">The original's size.</param>
    /// <param name="resized">What it is resized to, in thought: the crop is sampled out of the original.</param>
    /// <param name="top">Where the crop begins in the resized image, in pixels.</param>
    /// <param name="left">Where the crop begins in the resized image, in pixels.</param>
    /// <param name="mirrored">Left to right.</param>
    public static ImageWindow Crop(
        ImageSize image, ImageSize resized, int top, int left, ImageSize crop, bool mirrored) => new(
            SampleAxis.Of(image.Height, resized.Height, top, crop.Height, mirrored: false),
            SampleAxis.Of(image.Width, resized.Width, left, crop.Width, mirrored));

    /// <summary>A part of the image, resized to the result; places of it, and no antialiased image.</summary>
    internal static ImageWindow Part(ImageSize image, Formats.PixelRect part, ImageSize result, bool mirrored) => new(
        SampleAxis.Part(image.Height, part.Top, part.Height, result.Height, mirrored: false),
        SampleAxis.Part(image.Width, part.Left, part.Width, result.Width, mirrored));

    /// <summary>Of the crop, in pixels.</summary>
    public int Height => rows.Nearest.Length;

    /// <summary>Of the crop, in pixels.</summary>
    public int Width => columns.Nearest.Length;

    /// <summary>What of a box of the original lies within the crop; null where nothing does.</summary>
    public ImageBox? Box(ImageBox box)
    {
        var ((left, right), (top, bottom)) = (columns.Cut(box.Left, box.Right), rows.Cut(box.Top, box.Bottom));
        return right > left && bottom > top ? ImageBox.OfCorners(left, top, right, bottom) : null;
    }

    /// <summary>The nearest pixels of a map [H, W].</summary>
    /// <param name="fill">Of padding.</param>
    public byte[] Nearest(ReadOnlySpan<byte> map, byte fill)
    {
        var result = new byte[Height * Width];
        for (var i = 0; i < result.Length; i++)
        {
            var (y, x) = (rows.Nearest[i / Width], columns.Nearest[i % Width]);
            result[i] = y < 0 || x < 0 ? fill : map[(y * columns.Source) + x];
        }

        return result;
    }

    /// <summary>The nearest pixels of a mask of the whole image; padding is not of it.</summary>
    /// <exception cref="KdException">The mask is of an image of another size.</exception>
    public RunLength Nearest(RunLength mask) => (mask.Height, mask.Width) == (rows.Source, columns.Source)
        ? mask.Sampled(rows.Nearest, columns.Nearest)
        : throw new KdException(
            $"A mask of {mask.Width}x{mask.Height} pixels came with an image of {columns.Source}x{rows.Source}; expected "
            + "one size.");

    /// <summary>An image, between its pixels' centres.</summary>
    /// <param name="image">[C, H, W].</param>
    /// <param name="result">[C, h, w] of the crop, another place than <paramref name="image"/>.</param>
    /// <param name="fill">Of padding, one value a channel.</param>
    public void Image(ReadOnlySpan<byte> image, Span<byte> result, IReadOnlyList<byte> fill)
    {
        var size = Height * Width;
        for (var channel = 0; channel < fill.Count; channel++)
        {
            var plane = image.Slice(channel * rows.Source * columns.Source, rows.Source * columns.Source);
            for (var y = 0; y < Height; y++)
            {
                Line(plane, y, result.Slice((channel * size) + (y * Width), Width), fill[channel]);
            }
        }
    }

    private void Line(ReadOnlySpan<byte> plane, int y, Span<byte> target, byte fill)
    {
        if (rows.Low[y] < 0)
        {
            target.Fill(fill);
            return;
        }

        var above = plane.Slice(rows.Low[y] * columns.Source, columns.Source);
        var below = plane.Slice(Math.Min(rows.Low[y] + 1, rows.Source - 1) * columns.Source, columns.Source);
        var down = rows.Share[y];
        for (var x = 0; x < target.Length; x++)
        {
            if (columns.Low[x] < 0)
            {
                target[x] = fill;
                continue;
            }

            var (left, right) = (columns.Low[x], Math.Min(columns.Low[x] + 1, columns.Source - 1));
            var across = columns.Share[x];
            var top = above[left] + ((above[right] - above[left]) * across);
            var bottom = below[left] + ((below[right] - below[left]) * across);
            target[x] = (byte)(top + ((bottom - top) * down) + 0.5);
        }
    }
}
