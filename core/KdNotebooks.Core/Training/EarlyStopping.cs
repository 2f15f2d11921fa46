using KdNotebooks.Runtime;

namespace KdNotebooks.Training;

/// <summary>
/// Ends a student's training when its headline metric on the validation images has stopped getting better. Test images
/// are not looked at.
/// </summary>
/// <param name="Patience">
/// Epochs in a row that may pass without a better one, at least 1. The default value is 10.
/// </param>
/// <param name="MinDelta">
/// By more than how much, in the metric's unit, an epoch must be better than the best before it to count; at least 0.
/// The default value is 0.
/// </param>
/// <exception cref="KdException">A number is out of its range.</exception>
public sealed record EarlyStopping(int Patience = 10, double MinDelta = 0)
{
    public int Patience { get; init => field = RequirePatience(value); } = RequirePatience(Patience);

    public double MinDelta { get; init => field = RequireDelta(value); } = RequireDelta(MinDelta);

    private static int RequirePatience(int value) => value >= 1 ? value : throw new KdException(
        $"EarlyStopping: the patience is {value} epochs; expected at least 1.");

    private static double RequireDelta(double value) => value >= 0 && double.IsFinite(value) ? value
        : throw new KdException(
            $"EarlyStopping: minDelta is {value}; expected a finite number of at least 0, in the metric's unit.");
}

/// <summary>Where a student's training ended before its last epoch.</summary>
/// <param name="Epoch">The last one, from 1.</param>
/// <param name="BestEpoch">The last one that counted as better.</param>
/// <param name="Reason">A sentence.</param>
public sealed record EarlyStop(int Epoch, int BestEpoch, string Reason);

/// <summary>Counts the epochs that bring nothing.</summary>
internal sealed class PatienceCount(EarlyStopping rule)
{
    private double best = double.NaN;
    private int bestEpoch;

    /// <summary>What is to be said when the epoch was the last; null while it goes on.</summary>
    public EarlyStop? After(int epoch, Tasks.Metric headline)
    {
        var gain = headline.Kind.HigherIsBetter ? headline.Value - best : best - headline.Value;
        if (!double.IsNaN(headline.Value) && (double.IsNaN(best) || gain > rule.MinDelta))
        {
            (best, bestEpoch) = (headline.Value, epoch);
            return null;
        }

        return epoch - bestEpoch < rule.Patience ? null : new EarlyStop(epoch, bestEpoch, FormattableString.Invariant(
            $"validation {headline.Name} was not better by more than {rule.MinDelta} for {rule.Patience} epoch(s)"));
    }
}
