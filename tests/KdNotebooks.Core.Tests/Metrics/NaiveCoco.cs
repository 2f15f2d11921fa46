using KdNotebooks.Masks;
using KdNotebooks.Metrics;

namespace KdNotebooks.Tests.Metrics;

/// <summary>One image, for <see cref="NaiveCoco"/> and <see cref="CocoEvaluation"/> alike.</summary>
internal sealed record CocoScene(long Id, IReadOnlyList<TrueObject> Truths, IReadOnlyList<FoundObject> Found);

/// <summary>
/// COCO's numbers straight from the definition: bitmaps in the place of run lengths, a list of detections for every area
/// range, threshold and limit, and a search through all of them for every recall.
/// </summary>
internal sealed class NaiveCoco(IReadOnlyList<CocoScene> scenes, int classes, CocoRegion region)
{
    private readonly Dictionary<(RunLength, RunLength, bool), double> known = [];

    private static readonly (double, double)[] Ranges = [(0, 1e10), (0, 1024), (1024, 9216), (9216, 1e10)];

    /// <summary>Twelve; -1 where there are no such objects.</summary>
    public double[] Numbers()
    {
        double Mean(bool precision, int range, int limit, Func<int, bool> threshold)
        {
            double[] all =
            [
                .. from k in Enumerable.Range(0, classes)
                   from t in Enumerable.Range(0, 10).Where(threshold)
                   from value in Class(k, Ranges[range], 50 + (5 * t), limit, precision)
                   select value,
            ];
            return all.Length == 0 ? -1 : all.Average();
        }

        return
        [
            Mean(true, 0, 100, _ => true), Mean(true, 0, 100, t => t == 0), Mean(true, 0, 100, t => t == 5),
            Mean(true, 1, 100, _ => true), Mean(true, 2, 100, _ => true), Mean(true, 3, 100, _ => true),
            Mean(false, 0, 1, _ => true), Mean(false, 0, 10, _ => true), Mean(false, 0, 100, _ => true),
            Mean(false, 1, 100, _ => true), Mean(false, 2, 100, _ => true), Mean(false, 3, 100, _ => true),
        ];
    }

    private double[] Class(int k, (double, double) range, int percent, int limit, bool precision)
    {
        var (found, wanted) = (new List<(double Score, bool Right)>(), 0);
        foreach (var scene in scenes.OrderBy(scene => scene.Id))
        {
            var truths = scene.Truths.Where(one => one.Class == k).ToList();
            bool Ignored(TrueObject one) => one.Crowd || one.Ignored || Outside(one.Area, range);
            wanted += truths.Count(one => !Ignored(one));
            var free = truths.ToList();
            foreach (var one in scene.Found.Where(one => one.Class == k).OrderByDescending(one => one.Score).Take(limit))
            {
                var fits = free.Where(truth => Iou(one, truth) >= percent / 100.0)
                    .OrderBy(truth => Iou(one, truth)).ToList();
                var best = fits.Exists(truth => !Ignored(truth)) ? fits.FindLast(truth => !Ignored(truth))
                    : fits.Count > 0 ? fits[^1] : (TrueObject?)null;
                if (best is { } match)
                {
                    if (!match.Crowd)
                    {
                        free.RemoveAt(free.FindLastIndex(truth => truth.Equals(match)));
                    }

                    if (!Ignored(match))
                    {
                        found.Add((one.Score, true));
                    }
                }
                else if (!Outside(Area(one), range))
                {
                    found.Add((one.Score, false));
                }
            }
        }

        if (wanted == 0)
        {
            return [];
        }

        var sorted = found.OrderByDescending(one => one.Score).ToList();
        if (!precision)
        {
            return [(double)sorted.Count(one => one.Right) / wanted];
        }

        var points = sorted.Select((_, i) => (Right: sorted.Take(i + 1).Count(one => one.Right), All: i + 1)).ToList();
        return
        [
            .. Enumerable.Range(0, 101).Select(r => points
                .Where(point => (double)point.Right / wanted >= r * 0.01 - (r == 100 ? 1e-12 : 0))
                .Select(point => (double)point.Right / point.All).DefaultIfEmpty(0).Max()),
        ];
    }

    private static bool Outside(double area, (double Least, double Largest) range) =>
        area < range.Least || area > range.Largest;

    private double Area(FoundObject one) => region == CocoRegion.Box
        ? one.Box.Width * one.Box.Height
        : one.Mask!.ToBitmap().Count(pixel => pixel != 0);

    private double Iou(FoundObject one, TrueObject truth)
    {
        if (region == CocoRegion.Mask)
        {
            var key = (one.Mask!, truth.Mask!, truth.Crowd);
            return known.TryGetValue(key, out var value) ? value : known[key] = Iou(key.Item1, key.Item2, key.Crowd);
        }

        var (p, q) = (one.Box, truth.Box);
        var width = Math.Min(p.Left + p.Width, q.Left + q.Width) - Math.Max(p.Left, q.Left);
        var height = Math.Min(p.Top + p.Height, q.Top + q.Height) - Math.Max(p.Top, q.Top);
        var (common, own) = (width * height, p.Width * p.Height);
        return width <= 0 || height <= 0 ? 0 : common / (truth.Crowd ? own : own + (q.Width * q.Height) - common);
    }

    private static double Iou(RunLength found, RunLength truth, bool crowd)
    {
        var (a, b) = (found.ToBitmap(), truth.ToBitmap());
        var both = a.Zip(b).Count(pair => pair.First + pair.Second == 2);
        var all = crowd ? a.Count(pixel => pixel == 1) : a.Zip(b).Count(pair => pair.First + pair.Second > 0);
        return both == 0 ? 0 : (double)both / all;
    }
}
