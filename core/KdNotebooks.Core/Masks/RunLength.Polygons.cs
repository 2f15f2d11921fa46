using KdNotebooks.Runtime;

namespace KdNotebooks.Masks;

// Polygons become masks as in the reference implementation's rleFrPoly, pixel by pixel: its outline is walked in steps
// of a fifth of a pixel, and the places where it goes through the middle of a column begin and end runs.
public sealed partial class RunLength
{
    private const double Scale = 5;

    // A hostile outline would be walked for hours; that of an image of 10,000 x 10,000 is a four-hundredth of this.
    private const int LongestOutline = 1 << 24;
    private const double FarthestPoint = 1 << 20;

    /// <summary>What lies within a polygon, by the even-odd rule; what lies outside the image is cut off.</summary>
    /// <param name="xy">x, y, x, y, ... of at least three points, in pixels; closed by itself.</param>
    /// <exception cref="KdException">
    /// Fewer than three points, an odd number of coordinates, or one that is no number or far outside any image.
    /// </exception>
    public static RunLength OfPolygon(ReadOnlySpan<double> xy, int height, int width)
    {
        RequireSize(height, width);
        RequirePolygon(xy);
        RequireShort(xy);
        var starts = Crossings(xy, height, width);
        starts.Add(height * width);
        starts.Sort();
        var builder = new RunBuilder(starts.Count);
        var at = 0;
        for (var i = 0; i < starts.Count; i++)
        {
            builder.Add(starts[i] - at, i % 2 == 1);
            at = starts[i];
        }

        return new RunLength(builder.Runs(), height, width);
    }

    /// <summary>What lies within any of the polygons: an object of several parts.</summary>
    /// <param name="polygons">At least one, see <see cref="OfPolygon"/>.</param>
    /// <inheritdoc cref="OfPolygon"/>
    public static RunLength OfPolygons(IReadOnlyList<double[]> polygons, int height, int width)
    {
        RunLength? result = null;
        foreach (var polygon in polygons)
        {
            var part = OfPolygon(polygon, height, width);
            result = result is null ? part : Merged(result, part, intersect: false);
        }

        return result ?? throw new KdException("Polygons: none came; expected at least one.");
    }

    /// <summary>What lies within a box, as the reference's <c>rleFrBbox</c>.</summary>
    /// <exception cref="KdException">A box that is no number, or far outside any image.</exception>
    public static RunLength OfBox(ImageBox box, int height, int width)
    {
        var (right, bottom) = (box.Left + box.Width, box.Top + box.Height);
        return OfPolygon([box.Left, box.Top, box.Left, bottom, right, bottom, right, box.Top], height, width);
    }

    /// <summary>
    /// Polygons along the pixels' edges, one for each part that is connected by edges, whose mask is this one exactly.
    /// A hole is in the polygon of its part: the outline goes there and back along one line.
    /// </summary>
    /// <returns>x, y, x, y, ... each; none for an empty mask.</returns>
    public IReadOnlyList<double[]> ToPolygons() => Contours.Of(this);

    // Places, down the columns, where the outline goes through a column's middle; each is where a run begins.
    private static List<int> Crossings(ReadOnlySpan<double> xy, int height, int width)
    {
        var points = xy.Length / 2;
        var starts = new List<int>();
        var (lastU, lastV) = (0, 0);
        for (var j = 0; j < points; j++)
        {
            var k = (j + 1) % points;
            var (xs, ys) = ((int)((Scale * xy[2 * j]) + .5), (int)((Scale * xy[(2 * j) + 1]) + .5));
            var (xe, ye) = ((int)((Scale * xy[2 * k]) + .5), (int)((Scale * xy[(2 * k) + 1]) + .5));
            var (dx, dy) = (Math.Abs(xe - xs), Math.Abs(ys - ye));
            var flip = (dx >= dy && xs > xe) || (dx < dy && ys > ye);
            if (flip)
            {
                (xs, xe, ys, ye) = (xe, xs, ye, ys);
            }

            var length = Math.Max(dx, dy);
            var slope = length == 0 ? 0 : dx >= dy ? (double)(ye - ys) / dx : (double)(xe - xs) / dy;
            for (var d = 0; d <= length; d++)
            {
                var t = flip ? length - d : d;
                var (u, v) = dx >= dy
                    ? (t + xs, (int)(ys + (slope * t) + .5))
                    : ((int)(xs + (slope * t) + .5), t + ys);
                if (u != lastU && (j > 0 || d > 0))
                {
                    Cross(Math.Min(u, lastU), Math.Min(v, lastV), height, width, starts);
                }

                (lastU, lastV) = (u, v);
            }
        }

        return starts;
    }

    // u, v: in fifths of a pixel. A column's middle is at 5 x + 2.
    private static void Cross(int u, int v, int height, int width, List<int> starts)
    {
        var x = ((u + .5) / Scale) - .5;
        if (Math.Floor(x) != x || x < 0 || x > width - 1)
        {
            return;
        }

        var y = Math.Ceiling(Math.Clamp(((v + .5) / Scale) - .5, 0, height));
        starts.Add(((int)x * height) + (int)y);
    }

    internal static void RequirePolygon(ReadOnlySpan<double> xy)
    {
        if (xy.Length < 6 || xy.Length % 2 == 1)
        {
            throw new KdException(
                $"Polygon: {xy.Length} numbers; expected x and y of at least three points, 6 numbers or more.");
        }

        foreach (var number in xy)
        {
            if (!(Math.Abs(number) <= FarthestPoint))
            {
                throw new KdException(
                    $"Polygon: a point at {number}; expected pixels from -{FarthestPoint:F0} to {FarthestPoint:F0}.");
            }
        }
    }

    private static void RequireShort(ReadOnlySpan<double> xy)
    {
        var length = 0.0;
        for (var i = 0; i < xy.Length; i += 2)
        {
            var next = (i + 2) % xy.Length;
            length += Math.Max(Math.Abs(xy[next] - xy[i]), Math.Abs(xy[next + 1] - xy[i + 1]));
        }

        if (length > LongestOutline)
        {
            throw new KdException(
                $"Polygon: its outline is {length:F0} pixels long; expected the outline of an object, at most "
                + $"{LongestOutline}.");
        }
    }
}
