using KdNotebooks.Runtime;

namespace KdNotebooks.Runs;

/// <summary>
/// What teacher features in memory will take, over the cohorts of an experiment in their order: known before anything
/// is trained. A view is kept where more than one pass will ask for it; a new one every pass (views 0) is never kept:
/// it lasts until the next one begins.
/// </summary>
internal sealed class FeatureMemory
{
    // Less than this and less than that share of what is free is nobody's worry.
    private const long Much = 2_000_000_000;
    private const double MuchOfAll = 0.25;

    private readonly List<Use> uses = [];
    private readonly Dictionary<string, HashSet<int>> kept = []; // as far as it was asked for

    /// <summary>A cohort will read a cache.</summary>
    /// <param name="cache">The same name is the same features.</param>
    /// <param name="viewBytes">Of all images in one view.</param>
    /// <param name="what">"60000 images at layer1, layer2".</param>
    public void Add(string cache, CohortStream stream, int images, long viewBytes, string what)
    {
        if (!uses.Any(use => use.Cache == cache && use.Stream == stream))
        {
            uses.Add(new Use(cache, stream, Passes(stream, images), viewBytes, what));
            kept.Remove(cache);
        }
    }

    /// <summary>Whether a view is to be kept when another one begins.</summary>
    public bool ComesAgain(string cache, int view) => Kept(cache).Contains(view);

    /// <summary>The caches that no later cohort reads.</summary>
    public IReadOnlyList<string> DoneAfter(CohortStream stream) =>
        [.. uses.GroupBy(use => use.Cache).Where(cache => cache.Last().Stream == stream).Select(cache => cache.Key)];

    /// <summary>Says how much it will be where it is much.</summary>
    /// <param name="free">In bytes.</param>
    /// <exception cref="KdException">It is more than is free.</exception>
    public void Require(long free, Action<string> notice)
    {
        if (uses.Count == 0)
        {
            return;
        }

        var (bytes, at) = uses.Select(use => use.Stream).Distinct()
            .Select(stream => (Bytes: Sum(stream), stream)).MaxBy(one => one.Bytes);
        var largest = Alive(at).MaxBy(Bytes)!;
        var told = $"The teacher's features take {SystemMemory.Text(bytes)} of memory "
            + $"({uses.First(use => use.Cache == largest).What}, {Views(largest)} view(s)); "
            + $"{SystemMemory.Text(free)} are free.";
        const string Mend = "Keep them on disk (`Pretrained.onDisk`), take fewer views, images or taps, or a live teacher "
            + "(leave `Pretrained.inMemory` out).";
        if (bytes > free)
        {
            throw new KdException($"{told} {Mend}");
        }

        if (bytes > Much || bytes > MuchOfAll * free)
        {
            notice($"{told} If that is too much: {char.ToLowerInvariant(Mend[0])}{Mend[1..]}");
        }
    }

    private long Sum(CohortStream stream) => Alive(stream).Sum(Bytes);

    private long Bytes(string cache) => Views(cache) * uses.First(use => use.Cache == cache).ViewBytes;

    // At once: those that are kept, and the present one.
    private int Views(string cache) => Kept(cache).Count
        + (uses.Where(use => use.Cache == cache).SelectMany(Seen).All(Kept(cache).Contains) ? 0 : 1);

    // From the first cohort that reads it to the last.
    private IEnumerable<string> Alive(CohortStream stream)
    {
        var order = uses.Select(use => use.Stream).Distinct().ToList();
        var now = order.IndexOf(stream);
        return uses.GroupBy(use => use.Cache)
            .Where(cache => order.IndexOf(cache.First().Stream) <= now && now <= order.IndexOf(cache.Last().Stream))
            .Select(cache => cache.Key);
    }

    private HashSet<int> Kept(string cache)
    {
        if (!kept.TryGetValue(cache, out var views))
        {
            kept[cache] = views = uses.Where(use => use.Cache == cache)
                .Where(use => use.Stream.Augmentation is { IsNone: true } or { Views: > 0 })
                .SelectMany(Seen)
                .GroupBy(view => view).Where(view => view.Skip(1).Any()).Select(view => view.Key).ToHashSet();
        }

        return views;
    }

    // In each pass.
    private static IEnumerable<int> Seen(Use use) =>
        Enumerable.Range(1, use.Passes).Select(use.Stream.Augmentation.View);

    // Begun ones, too.
    private static int Passes(CohortStream stream, int images)
    {
        var perPass = Math.Max(1, images / (stream.BatchSize * stream.Accumulate));
        return stream.Iterations is { } steps ? (steps + perPass - 1) / perPass : stream.Epochs;
    }

    private sealed record Use(string Cache, CohortStream Stream, int Passes, long ViewBytes, string What);
}
