using KdNotebooks.Runtime;

namespace KdNotebooks.Metrics;

/// <summary>
/// COCO's mean average precision, of boxes or of masks: the numbers of the reference implementation, <c>COCOeval</c> of
/// pycocotools. Lin et al. 2014 (arXiv:1405.0312), section 4. Images are added one by one, in any order and by any
/// number of threads; what is kept of a detection are 32 bytes, of its mask nothing.
/// </summary>
/// <remarks>
/// Of an image's detections the 100 best of each class count. Equal scores go by the image's id, then by the order in
/// which an image's detections came. One thing is otherwise than in pycocotools: there an annotation with the id 0 is
/// never found.
/// </remarks>
/// <param name="classes">How many; they are 0 to classes - 1. At least 1.</param>
/// <param name="region">The default value is boxes.</param>
public sealed class CocoEvaluation(int classes, CocoRegion region = CocoRegion.Box)
{
    private readonly ClassMatches[] all =
        [.. Enumerable.Range(0, RequireClasses(classes)).Select(_ => new ClassMatches())];
    private readonly List<long> ids = [];
    private readonly HashSet<long> known = [];
    private readonly Lock gate = new();

    /// <summary>How many classes.</summary>
    public int Classes { get; } = classes;

    /// <summary>What is compared with the truth.</summary>
    public CocoRegion Region { get; } = region;

    /// <summary>How many images were added.</summary>
    public int Images => ids.Count;

    /// <summary>Counts an image; one without objects or without detections too.</summary>
    /// <param name="image">Its id, which no other image has.</param>
    /// <param name="truths">All objects in it, those that are not to be found included.</param>
    /// <param name="found">Detections in any order, any number.</param>
    /// <exception cref="KdException">
    /// An image that was added before, a class that is not there, a number that is not finite, or a mask that is
    /// missing or of another size; nothing of the image is counted then.
    /// </exception>
    public void Add(long image, IReadOnlyList<TrueObject> truths, IReadOnlyList<FoundObject> found)
    {
        CocoChecks.Require(image, truths, found, Classes, Region);
        TrueObject[] objects = [.. truths.OrderBy(one => one.Class)];
        FoundObject[] best = [.. found.OrderBy(one => one.Class).ThenByDescending(one => one.Score)];
        var matcher = new CocoMatcher(Region);
        var matched = new List<(int Class, CocoMatch[] Matches, int[] Wanted)>();
        for (var (g, d) = (0, 0); g < objects.Length || d < best.Length;)
        {
            var @class = Math.Min(
                g < objects.Length ? objects[g].Class : int.MaxValue, d < best.Length ? best[d].Class : int.MaxValue);
            var own = objects.AsSpan(g);
            own = own[..Same(own, @class, one => one.Class)];
            var those = best.AsSpan(d);
            those = those[..Same(those, @class, one => one.Class)];
            (g, d) = (g + own.Length, d + those.Length);
            var (matches, wanted) = matcher.Match(own, those[..Math.Min(those.Length, CocoScale.MostFound)]);
            matched.Add((@class, matches, wanted));
        }

        lock (gate)
        {
            var index = Open(image);
            matched.ForEach(one => all[one.Class].Add(index, one.Matches, one.Wanted));
        }
    }

    /// <summary>The numbers of all images so far.</summary>
    public CocoResult Result()
    {
        lock (gate)
        {
            var places = new int[ids.Count];
            var byId = Enumerable.Range(0, ids.Count).OrderBy(i => ids[i]).ToArray();
            for (var i = 0; i < byId.Length; i++)
            {
                places[byId[i]] = i;
            }

            var results = new CocoClassResult[Classes];
            Parallel.For(0, Classes, k => results[k] = all[k].Result(k, places));
            return new CocoResult(Region, ids.Count, results);
        }
    }

    private int Open(long image)
    {
        if (!known.Add(image))
        {
            throw new KdException(
                $"CocoEvaluation: image {image} was added before; expected each image once, with all its detections.");
        }

        ids.Add(image);
        return ids.Count - 1;
    }

    private static int Same<T>(ReadOnlySpan<T> items, int @class, Func<T, int> classOf)
    {
        var count = 0;
        while (count < items.Length && classOf(items[count]) == @class)
        {
            count++;
        }

        return count;
    }

    private static int RequireClasses(int classes) => classes >= 1 ? classes : throw new KdException(
        $"CocoEvaluation: {classes} classes came; expected at least 1.");
}
