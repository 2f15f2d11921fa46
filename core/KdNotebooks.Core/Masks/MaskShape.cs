using KdNotebooks.Runtime;

namespace KdNotebooks.Masks;

/// <summary>
/// A mask as a file says it: polygons, which take an image's size to become pixels, or run lengths, which have one.
/// What is kept of polygons with at most two decimals, as COCO's, are some two bytes a number.
/// </summary>
public sealed class MaskShape
{
    private readonly PackedPolygons? polygons;

    private MaskShape(RunLength runs) => Runs = runs;

    private MaskShape(IReadOnlyList<double[]> polygons) => this.polygons = new PackedPolygons(polygons);

    /// <summary>Null for polygons.</summary>
    public RunLength? Runs { get; }

    /// <summary>Null for run lengths. x, y, x, y, ... each.</summary>
    public IReadOnlyList<double[]>? Polygons => polygons?.Unpack();

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
}
