using KdNotebooks.Runtime;

namespace KdNotebooks.Masks;

/// <summary>
/// A mask as a file says it: polygons, which take an image's size to become pixels, or run lengths, which have one.
/// What is kept of polygons with at most two decimals, as COCO's, are four bytes a number.
/// </summary>
public sealed class MaskShape
{
    private readonly int[] ends = [];
    private readonly int[]? hundredths;
    private readonly double[]? exact;

    private MaskShape(RunLength runs) => Runs = runs;

    private MaskShape(IReadOnlyList<double[]> polygons)
    {
        ends = new int[polygons.Count];
        var end = 0;
        for (var i = 0; i < ends.Length; i++)
        {
            ends[i] = end += polygons[i].Length;
        }

        var numbers = new double[end];
        for (var i = 0; i < ends.Length; i++)
        {
            polygons[i].CopyTo(numbers, ends[i] - polygons[i].Length);
        }

        hundredths = Packed(numbers);
        exact = hundredths is null ? numbers : null;
    }

    /// <summary>Null for polygons.</summary>
    public RunLength? Runs { get; }

    /// <summary>Null for run lengths. x, y, x, y, ... each.</summary>
    public IReadOnlyList<double[]>? Polygons => Runs is null
        ? [.. ends.Select((end, i) => Numbers(i == 0 ? 0 : ends[i - 1], end))]
        : null;

    public static MaskShape OfRuns(RunLength runs) => new(runs);

    /// <summary>The parts of an object.</summary>
    /// <exception cref="KdException">None, or what <see cref="RunLength.OfPolygon"/> refuses.</exception>
    public static MaskShape OfPolygons(IReadOnlyList<double[]> polygons)
    {
        if (polygons.Count == 0)
        {
            throw new KdException("Polygons: none came; expected at least one.");
        }

        foreach (var polygon in polygons)
        {
            RunLength.RequirePolygon(polygon);
        }

        return new MaskShape(polygons);
    }

    /// <summary>The pixels in an image, as the reference implementation's <c>annToRLE</c>.</summary>
    /// <exception cref="KdException">Run lengths of another size.</exception>
    public RunLength Mask(int height, int width)
    {
        if (Runs is null)
        {
            return RunLength.OfPolygons(Polygons!, height, width);
        }

        return (Runs.Height, Runs.Width) == (height, width) ? Runs : throw new KdException(
            $"A mask of {Runs.Width}x{Runs.Height} pixels came for an image of {width}x{height}; expected one size.");
    }

    private double[] Numbers(int start, int end) =>
        exact?[start..end] ?? Array.ConvertAll(hundredths![start..end], number => number / 100.0);

    // A quotient is rounded as the text was: it is the double nearest to the decimal.
    private static int[]? Packed(double[] numbers)
    {
        var packed = new int[numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            packed[i] = (int)Math.Round(numbers[i] * 100);
            if (packed[i] / 100.0 != numbers[i])
            {
                return null;
            }
        }

        return packed;
    }
}
