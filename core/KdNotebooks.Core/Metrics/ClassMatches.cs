namespace KdNotebooks.Metrics;

/// <summary>What was found of a class in all images, and how much there was to be found.</summary>
internal sealed class ClassMatches
{
    // numpy.spacing(1), which the reference adds lest it divide by 0.
    private const double Spacing = 2.220446049250313e-16;

    private readonly List<CocoMatch> matches = [];
    private readonly long[] wanted = new long[CocoScale.Areas];

    /// <param name="image">Whose matches they are.</param>
    public void Add(int image, ReadOnlySpan<CocoMatch> more, ReadOnlySpan<int> objects)
    {
        foreach (var one in more)
        {
            matches.Add(one with { Image = image });
        }

        for (var a = 0; a < wanted.Length; a++)
        {
            wanted[a] += objects[a];
        }
    }

    /// <param name="places">Of each image, its place by id: equal scores go by it.</param>
    public CocoClassResult Result(int @class, int[] places)
    {
        // No two are equal in all three, so that the order does not depend on how it came about.
        matches.Sort((a, b) => b.Score.CompareTo(a.Score) is var score and not 0
            ? score
            : places[a.Image].CompareTo(places[b.Image]) is var image and not 0 ? image : a.Rank.CompareTo(b.Rank));
        var precision = new double[CocoScale.Areas][];
        var recall = new double[CocoScale.Areas];
        for (var a = 0; a < CocoScale.Areas; a++)
        {
            precision[a] = Precision(a);
            recall[a] = Recall(a, CocoScale.MostFound);
        }

        return new CocoClassResult(
            @class, wanted[0], matches.Count, precision,
            [.. CocoScale.Limits.Select(limit => Recall(0, limit)), .. recall[1..]]);
    }

    // Of each IoU threshold, the best precision at each recall or beyond; NaN where nothing is to be found. It changes
    // only where something was found rightly, so that these places alone are kept.
    private double[] Precision(int area)
    {
        var result = new double[CocoScale.Thresholds * CocoScale.Recalls];
        if (wanted[area] == 0)
        {
            Array.Fill(result, double.NaN);
            return result;
        }

        var found = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(matches);
        var best = new double[found.Length];
        for (var t = 0; t < CocoScale.Thresholds; t++)
        {
            var (bit, right, wrong) = ((16 * area) + t, 0, 0);
            foreach (ref readonly var one in found)
            {
                wrong += (int)(one.Wrong >> bit) & 1;
                if (((one.Right >> bit) & 1) != 0)
                {
                    right++;
                    best[right - 1] = right / (wrong + right + Spacing);
                }
            }

            Envelope(best.AsSpan(0, right), wanted[area], result.AsSpan(t * CocoScale.Recalls, CocoScale.Recalls));
        }

        return result;
    }

    private static void Envelope(Span<double> best, long wanted, Span<double> curve)
    {
        for (var i = best.Length - 1; i > 0; i--)
        {
            best[i - 1] = Math.Max(best[i - 1], best[i]);
        }

        var at = 0;
        for (var r = 0; r < curve.Length; r++)
        {
            while (at < best.Length && (double)(at + 1) / wanted < CocoScale.Recall[r])
            {
                at++;
            }

            curve[r] = at < best.Length ? best[at] : 0;
        }
    }

    // The mean over the IoU thresholds.
    private double Recall(int area, int limit)
    {
        if (wanted[area] == 0)
        {
            return double.NaN;
        }

        var sum = 0.0;
        for (var t = 0; t < CocoScale.Thresholds; t++)
        {
            var right = 0L;
            foreach (var one in matches)
            {
                right += one.Rank < limit ? (long)(one.Right >> ((16 * area) + t)) & 1 : 0;
            }

            sum += (double)right / wanted[area];
        }

        return sum / CocoScale.Thresholds;
    }
}
