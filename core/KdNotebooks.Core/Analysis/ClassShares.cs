using KdNotebooks.Data.Dense;
using KdNotebooks.Runtime;

namespace KdNotebooks.Analysis;

/// <summary>How much of some label maps each class is.</summary>
/// <param name="Images">How many label maps were counted.</param>
/// <param name="Pixels">For each class its share of the pixels that are not ignored, in percent.</param>
/// <param name="In">For each class in how many of the images it is.</param>
/// <param name="Ignored">The share of all pixels that are ignored, in percent.</param>
public sealed record ClassShares(int Images, IReadOnlyList<double> Pixels, IReadOnlyList<int> In, double Ignored)
{
    /// <summary>Counts the first label maps of a set.</summary>
    /// <param name="most">
    /// How many at most: sets in files are read, which takes Cityscapes a tenth of a second an image. The default value
    /// is 250.
    /// </param>
    /// <param name="context">Null for the current one.</param>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public static ClassShares Of(DenseSet set, int most = 250, RunContext? context = null)
    {
        var cancellation = (context ?? RunContext.Current).Cancellation;
        var images = Math.Min(set.Count, most);
        var counts = new long[images][];
        Parallel.For(0, images, new ParallelOptions { CancellationToken = cancellation },
            i => counts[i] = Count(set.Load(i).Labels));
        var classes = Enumerable.Range(0, set.Table.Classes.Count).ToList();
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
