using System.Numerics;

namespace KdNotebooks.Ops;

/// <summary>
/// Which positions of a map each bin of each region adds up, and with what weights. A bin's samples make a grid, and a
/// sample's bilinear weights are a product of one for its row and one for its column; so are the bin's, and positions
/// that several samples share are named once.
/// </summary>
/// <remarks>
/// In the map's own precision and in torchvision's order of operations: how many samples an adaptive grid has, and
/// which of them fall outside, hangs on the last bit.
/// </remarks>
internal sealed class RoiTaps<T>(int size, double scale, int samplingRatio, bool aligned, long height, long width)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static readonly T Half = T.CreateChecked(0.5);

    private readonly T offset = aligned ? Half : T.Zero;
    private readonly T factor = T.CreateChecked(scale);

    /// <summary>Of the region last fitted: what each row of bins takes from the map's rows.</summary>
    public List<(int Position, T Weight)>[] Rows { get; } = Bins(size);

    /// <summary>Of the region last fitted: what each column of bins takes from the map's columns.</summary>
    public List<(int Position, T Weight)>[] Columns { get; } = Bins(size);

    /// <summary>Of each bin, region by region and row by row: where its taps begin.</summary>
    public List<long> Starts { get; } = [];

    /// <summary>Rows of the map [N H W, C].</summary>
    public List<long> Positions { get; } = [];

    public List<T> Weights { get; } = [];

    /// <summary>Sets rows and columns for a region.</summary>
    /// <param name="box">(x1, y1, x2, y2), in pixels of the image</param>
    /// <returns>How many samples a bin has, at least 1; its taps' products are to be divided by that.</returns>
    public T Fit(ReadOnlySpan<T> box)
    {
        var (left, top, right, bottom) = (Place(box[0]), Place(box[1]), Place(box[2]), Place(box[3]));
        var samples = Samples(Rows, top, bottom - top, height) * Samples(Columns, left, right - left, width);
        return T.Max(samples, T.One);
    }

    /// <summary>Adds the taps of a region's bins.</summary>
    /// <param name="roi">(image, x1, y1, x2, y2), in pixels of the image</param>
    public void Add(ReadOnlySpan<T> roi)
    {
        var count = Fit(roi[1..]);
        var first = long.CreateTruncating(roi[0]) * height;
        foreach (var row in Rows)
        {
            foreach (var column in Columns)
            {
                Starts.Add(Positions.Count);
                foreach (var (y, vertical) in row)
                {
                    foreach (var (x, horizontal) in column)
                    {
                        Positions.Add(((first + y) * width) + x);
                        Weights.Add(vertical * horizontal / count);
                    }
                }
            }
        }
    }

    private T Place(T side) => (side * factor) - offset;

    /// <summary>Fills each bin with the positions of its samples; returns how many samples a bin has.</summary>
    private T Samples(List<(int, T)>[] bins, T start, T extent, long length)
    {
        // A region that is not aligned has at least a position's size.
        extent = aligned ? extent : T.Max(extent, T.One);
        var step = extent / T.CreateChecked(size);
        var grid = samplingRatio > 0 ? T.CreateChecked(samplingRatio) : T.Ceiling(step);
        Array.ForEach(bins, bin => bin.Clear());
        if (!T.IsFinite(start) || !T.IsFinite(extent) || !(grid > T.Zero))
        {
            return T.Zero;
        }

        for (var bin = 0; bin < size; bin++)
        {
            var begin = start + (T.CreateChecked(bin) * step);
            var (from, to) = Within(begin, step / grid, grid, length);
            for (var i = from; i < to; i++)
            {
                Sample(bins[bin], begin + ((T.CreateChecked(i) + Half) * step / grid), length);
            }
        }

        return grid;
    }

    // Of a region far larger than the map nearly all samples are outside: they are left out, not looked at.
    private static (long From, long To) Within(T begin, T step, T grid, long length)
    {
        var (first, last) = ((-T.One - begin) / step, (T.CreateChecked(length) - begin) / step);
        var (low, high) = (T.Min(first, last) - T.CreateChecked(2), T.Max(first, last) + T.CreateChecked(2));
        return T.IsNaN(low) || T.IsNaN(high)
            ? (0, long.CreateSaturating(grid))
            : (long.CreateSaturating(T.Max(low, T.Zero)), long.CreateSaturating(T.Min(high, grid)));
    }

    private static void Sample(List<(int Position, T Weight)> bin, T place, long length)
    {
        if (!(place >= -T.One && place <= T.CreateChecked(length)))
        {
            return;
        }

        place = T.Max(place, T.Zero);
        var low = int.CreateTruncating(place);
        if (low >= length - 1)
        {
            Tap(bin, (int)length - 1, T.One);
            return;
        }

        var share = place - T.CreateChecked(low);
        Tap(bin, low, T.One - share);
        Tap(bin, low + 1, share);
    }

    private static void Tap(List<(int Position, T Weight)> bin, int position, T weight)
    {
        // Samples follow each other, so a position that was there is among the last.
        for (var i = bin.Count - 1; i >= Math.Max(0, bin.Count - 3); i--)
        {
            if (bin[i].Position == position)
            {
                bin[i] = (position, bin[i].Weight + weight);
                return;
            }
        }

        bin.Add((position, weight));
    }

    private static List<(int, T)>[] Bins(int size) => [.. Enumerable.Range(0, size).Select(_ => new List<(int, T)>())];
}
