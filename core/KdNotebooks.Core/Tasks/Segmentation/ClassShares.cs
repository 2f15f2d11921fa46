using KdNotebooks.Data;

namespace KdNotebooks.Tasks.Segmentation;

/// <summary>How much of some label maps each class is.</summary>
/// <param name="Images">How many label maps were counted.</param>
/// <param name="Pixels">For each class its share of the pixels that are not ignored, in percent.</param>
/// <param name="In">For each class in how many of the images it is.</param>
/// <param name="Ignored">The share of all pixels that are ignored, in percent.</param>
internal sealed record ClassShares(int Images, IReadOnlyList<double> Pixels, IReadOnlyList<int> In, double Ignored)
{
    /// <summary>Counts the first label maps of a set.</summary>
    /// <param name="most">
    /// How many at most: sets in files are read, which takes Cityscapes a tenth of a second an image. The default value
    /// is 250.
    /// </param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ClassShares Of(SampleSet set, int most = 250, CancellationToken cancellation = default)
    {
        var images = Math.Min(set.Count, most);
        var counts = new long[images][];
        Parallel.For(0, images, new ParallelOptions { CancellationToken = cancellation },
            i => counts[i] = Count(LabelMap.Of(set.Load(i)).Labels));
        var classes = Enumerable.Range(0, set.ClassNames.Count).ToList();
        var pixels = classes.Select(k => counts.Sum(image => image[k])).ToList();
        var (labelled, ignored) = (pixels.Sum(), counts.Sum(image => image[LabelTable.Ignored]));
        return new ClassShares(
            images, [.. pixels.Select(count => Percent(count, labelled))],
            [.. classes.Select(k => counts.Count(image => image[k] > 0))], Percent(ignored, labelled + ignored));
    }

    private static long[] Count(byte[] labels)
    {
        var counts = new long[256];
        foreach (var label in labels)
        {
            counts[label]++;
        }

        return counts;
    }

    private static double Percent(long part, long whole) => whole == 0 ? double.NaN : 100.0 * part / whole;
}
