using KdNotebooks.Interactive.Charts;
using KdNotebooks.Results;
using MathNet.Numerics.Statistics;

namespace KdNotebooks.Charts;

/// <summary>The curves of one method, epoch by epoch over its seeds.</summary>
/// <param name="Mean">NaN, a gap, where any seed has no finite number: a run that diverged is not hidden.</param>
internal sealed record CurveSummary(string Method, int Seeds, double[] Mean, double[] Low, double[] High)
{
    public MethodStyle Style => MethodStyle.Of(Method);

    public static CurveSummary Of(string method, LearningCurve[] curves, Band band)
    {
        // Runs that are still going have fewer epochs: an epoch is summarised over the seeds that have reached it.
        var epochs = Enumerable.Range(0, curves.Max(curve => curve.Values.Count)).Select(epoch => curves
            .Where(curve => epoch < curve.Values.Count).Select(curve => curve.Values[epoch]).ToArray()).ToArray();
        var summary = new CurveSummary(
            method, curves.Length, Each(epochs, Statistics.Mean), Each(epochs, values => values.Min()),
            Each(epochs, values => values.Max()));
        if (band == Band.LowestToHighest)
        {
            return summary;
        }

        var deviation = Each(epochs, values => values.Length == 1 ? 0 : values.StandardDeviation());
        return summary with
        {
            Low = [.. summary.Mean.Zip(deviation, (mean, sd) => mean - sd)],
            High = [.. summary.Mean.Zip(deviation, (mean, sd) => mean + sd)],
        };
    }

    private static double[] Each(double[][] epochs, Func<double[], double> summary) =>
        [.. epochs.Select(values => Array.TrueForAll(values, double.IsFinite) ? summary(values) : double.NaN)];
}
