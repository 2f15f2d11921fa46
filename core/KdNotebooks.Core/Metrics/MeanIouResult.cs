namespace KdNotebooks.Metrics;

/// <summary>What a confusion matrix says. Every number is a share from 0 to 1, or NaN where it is not known.</summary>
/// <param name="Iou">
/// Of each class: intersection over union, TP / (TP + FP + FN). NaN for an absent class, one with neither truth nor
/// prediction.
/// </param>
/// <param name="Accuracy">
/// Of each class: the share of its pixels that were found; NaN for a class without truth.
/// </param>
/// <param name="Mean">
/// Mean IoU over the classes that are not absent (as mmsegmentation's nan-mean): a class which was only predicted,
/// wrongly, counts as 0. NaN where no pixel was counted.
/// </param>
/// <param name="MeanAccuracy">Mean of <paramref name="Accuracy"/> over the classes with truth.</param>
/// <param name="PixelAccuracy">The share of all counted pixels that are right.</param>
/// <param name="Pixels">How many were counted.</param>
public sealed record MeanIouResult(
    IReadOnlyList<double> Iou, IReadOnlyList<double> Accuracy, double Mean, double MeanAccuracy, double PixelAccuracy,
    long Pixels)
{
    /// <param name="counts">Row by row: truth, then prediction.</param>
    internal static MeanIouResult Of(ReadOnlySpan<long> counts, int classes)
    {
        var (right, truth, predicted) = (new long[classes], new long[classes], new long[classes]);
        for (var cell = 0; cell < counts.Length; cell++)
        {
            var (row, column) = (cell / classes, cell % classes);
            truth[row] += counts[cell];
            predicted[column] += counts[cell];
            right[row] += row == column ? counts[cell] : 0;
        }

        double[] iou = [.. right.Select((hits, i) => Share(hits, truth[i] + predicted[i] - hits))];
        double[] accuracy = [.. right.Select((hits, i) => Share(hits, truth[i]))];
        var pixels = truth.Sum();
        return new MeanIouResult(
            iou, accuracy, KnownMean(iou), KnownMean(accuracy), Share(right.Sum(), pixels), pixels);
    }

    private static double Share(long part, long whole) => whole == 0 ? double.NaN : (double)part / whole;

    private static double KnownMean(double[] numbers) =>
        numbers.Where(number => !double.IsNaN(number)).DefaultIfEmpty(double.NaN).Average();
}
