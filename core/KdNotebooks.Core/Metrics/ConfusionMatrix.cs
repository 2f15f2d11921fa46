using System.Globalization;
using KdNotebooks.Runtime;

namespace KdNotebooks.Metrics;

/// <summary>
/// How often images, or pixels, of each class were taken for each class: whole numbers, so that batches add up.
/// </summary>
public sealed class ConfusionMatrix
{
    private readonly long[,] counts;

    /// <param name="classNames">The name of class 0, of class 1, and so on.</param>
    public ConfusionMatrix(IReadOnlyList<string> classNames)
        : this(classNames, new long[classNames.Count, classNames.Count])
    {
    }

    private ConfusionMatrix(IReadOnlyList<string> classNames, long[,] counts, string what = "image") =>
        (ClassNames, this.counts, What) = (classNames, counts, what);

    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>What is counted: "image" (the default) or "pixel".</summary>
    public string What { get; }

    /// <summary>How many images of one class were taken for one class.</summary>
    public long this[int truth, int predicted] => counts[truth, predicted];

    /// <summary>How many images.</summary>
    public long Total => counts.Cast<long>().Sum();

    /// <summary>Share of images on the diagonal, in percent; NaN where there is no image.</summary>
    public double Accuracy => Percent(Enumerable.Range(0, ClassNames.Count).Sum(k => counts[k, k]), Total);

    /// <param name="labels">One class index an image.</param>
    /// <param name="predictions">One class index an image.</param>
    /// <exception cref="KdException">More labels or more predictions, or an index without a class.</exception>
    public static ConfusionMatrix Of(
        IReadOnlyList<string> classNames, IReadOnlyList<int> labels, IReadOnlyList<int> predictions)
    {
        if (labels.Count != predictions.Count)
        {
            throw new KdException(
                $"ConfusionMatrix: {labels.Count} labels and {predictions.Count} predictions; expected one each an "
                + "image.");
        }

        var counts = new long[classNames.Count, classNames.Count];
        for (var i = 0; i < labels.Count; i++)
        {
            counts[Known(labels[i], "label", classNames), Known(predictions[i], "prediction", classNames)]++;
        }

        return new(classNames, counts);
    }

    /// <param name="counts">Row by row: truth, then prediction.</param>
    /// <param name="what">Is counted: "pixel".</param>
    internal static ConfusionMatrix OfCounts(
        IReadOnlyList<string> classNames, ReadOnlySpan<long> counts, string what)
    {
        var matrix = new long[classNames.Count, classNames.Count];
        for (var i = 0; i < counts.Length; i++)
        {
            matrix[i / classNames.Count, i % classNames.Count] = counts[i];
        }

        return new(classNames, matrix, what);
    }

    /// <summary>The images of both.</summary>
    /// <exception cref="KdException">The classes are not the same.</exception>
    public ConfusionMatrix Plus(ConfusionMatrix other)
    {
        if (!ClassNames.SequenceEqual(other.ClassNames))
        {
            throw new KdException(
                $"ConfusionMatrix: the classes differ: {string.Join(", ", ClassNames)}; "
                + $"{string.Join(", ", other.ClassNames)}. Add matrices of one dataset.");
        }

        var sum = (long[,])counts.Clone();
        for (var i = 0; i < sum.Length; i++)
        {
            var (row, column) = Math.DivRem(i, ClassNames.Count);
            sum[row, column] += other.counts[row, column];
        }

        return new(ClassNames, sum, What);
    }

    /// <summary>How many images there are of a class.</summary>
    public long Images(int truth) => Enumerable.Range(0, ClassNames.Count).Sum(k => counts[truth, k]);

    /// <summary>Share of a class's images that were taken for a class, in percent; NaN where it has none.</summary>
    public double RowPercent(int truth, int predicted) => Percent(counts[truth, predicted], Images(truth));

    /// <summary>Share of a class's images that were recognized, in percent; NaN where it has none.</summary>
    public double ClassAccuracy(int truth) => RowPercent(truth, truth);

    /// <summary>A row a true class, a column a predicted one.</summary>
    public override string ToString()
    {
        string[] head = ["truth \\ predicted", .. ClassNames, "recognized"];
        var rows = Enumerable.Range(0, ClassNames.Count).Select(truth => (string[])
        [
            ClassNames[truth], .. Enumerable.Range(0, ClassNames.Count).Select(k => $"{counts[truth, k]}"),
            double.IsFinite(ClassAccuracy(truth))
                ? ClassAccuracy(truth).ToString("F1", CultureInfo.InvariantCulture) + " %"
                : "n/a",
        ]);
        return TextColumns.Of([head, .. rows]);
    }

    private static int Known(int index, string what, IReadOnlyList<string> classNames) =>
        index >= 0 && index < classNames.Count ? index : throw new KdException(
            $"ConfusionMatrix: {what} {index} came, but the {classNames.Count} classes are 0 to "
            + $"{classNames.Count - 1}.");

    private static double Percent(long part, long whole) => whole == 0 ? double.NaN : 100.0 * part / whole;
}
