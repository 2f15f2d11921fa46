using KdNotebooks.Runtime;

namespace KdNotebooks.Masks;

public sealed partial class RunLength
{
    /// <summary>Pixels that are of any of the masks.</summary>
    /// <exception cref="KdException">No mask, or images of different size.</exception>
    public static RunLength Union(params IReadOnlyList<RunLength> masks) => Merged(masks, intersect: false);

    /// <summary>Pixels that are of all of the masks.</summary>
    /// <inheritdoc cref="Union"/>
    public static RunLength Intersection(params IReadOnlyList<RunLength> masks) => Merged(masks, intersect: true);

    /// <summary>
    /// Intersection over union, from 0 to 1; over this mask's area alone where the truth is a crowd, as the reference
    /// implementation's <c>rleIou</c>. Two empty masks meet nowhere: 0.
    /// </summary>
    /// <exception cref="KdException">Images of different size.</exception>
    public double Iou(RunLength truth, bool crowd = false)
    {
        RequireSameSize(this, truth);
        return Iou(truth, crowd, Box.Iou(truth.Box));
    }

    /// <summary>The same where the boxes' intersection over union is known: masks whose boxes do not meet, do
    /// not.</summary>
    internal double Iou(RunLength truth, bool crowd, double boxes)
    {
        if (boxes <= 0)
        {
            return 0;
        }

        var both = Common(runs, truth.runs);
        return both == 0 ? 0 : (double)both / (crowd ? Area : Area + (long)truth.Area - both);
    }

    // Pixels of both: two walks along the runs.
    private static int Common(int[] a, int[] b)
    {
        var (i, j, both) = (0, 0, 0);
        var (endA, endB, at) = (a[0], b[0], 0);
        while (true)
        {
            var end = Math.Min(endA, endB);
            both += (end - at) & -(i & j & 1);
            at = end;
            if (endA == end)
            {
                if (++i == a.Length)
                {
                    return both;
                }

                endA += a[i];
            }

            if (endB == end)
            {
                if (++j == b.Length)
                {
                    return both;
                }

                endB += b[j];
            }
        }
    }

    private static RunLength Merged(IReadOnlyList<RunLength> masks, bool intersect)
    {
        if (masks.Count == 0)
        {
            throw new KdException("Run lengths: no mask came; expected at least one, whose size the result has.");
        }

        var result = masks[0];
        foreach (var mask in masks.Skip(1))
        {
            RequireSameSize(result, mask);
            result = Merged(result, mask, intersect);
        }

        return result;
    }

    private static RunLength Merged(RunLength a, RunLength b, bool intersect)
    {
        var builder = new RunBuilder(a.runs.Length + b.runs.Length);
        var (i, j, at, size) = (0, 0, 0, a.Height * a.Width);
        var (endA, endB) = (a.runs[0], b.runs[0]);
        while (true)
        {
            var end = Math.Min(endA, endB);
            builder.Add(end - at, (intersect ? i & j & 1 : (i | j) & 1) == 1);
            at = end;
            if (at == size)
            {
                return new RunLength(builder.Runs(), a.Height, a.Width);
            }

            endA += endA == end ? a.runs[++i] : 0;
            endB += endB == end ? b.runs[++j] : 0;
        }
    }

    private static void RequireSameSize(RunLength a, RunLength b)
    {
        if ((a.Height, a.Width) != (b.Height, b.Width))
        {
            throw new KdException(
                $"Run lengths: masks of {a.Width}x{a.Height} and {b.Width}x{b.Height} pixels; expected masks of one "
                + "image, or of images of one size.");
        }
    }
}
