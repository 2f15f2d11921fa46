using KdNotebooks.Tasks;

namespace KdNotebooks.Charts;

/// <summary>
/// How much of an axis is in sight: all that was measured, and of the intervals as much as does not hide it. Two seeds
/// give intervals of twelve times their spread.
/// </summary>
/// <param name="Cut">Whether an interval goes on beyond the edge.</param>
internal sealed record ValueRange(double Low, double High, bool Cut)
{
    // Of the spread of what was measured, to either side.
    private const double MostOfIntervals = 1.5, Room = 0.08;

    /// <summary>What a figure says of an interval that is cut.</summary>
    public const string CutWords = "; bars at the edge go on beyond it";

    public double[] Ends => [Low, High];

    /// <summary>No more than values of this metric can be: an accuracy is a share.</summary>
    public ValueRange Possible(string metric) => !MetricKind.Named(metric).IsPercent || (Low >= 0 && High <= 100) ? this
        : new(Math.Max(Low, -2), Math.Min(High, 102), Cut: true);

    /// <param name="measured">Points, means and lines that must be in sight.</param>
    /// <param name="intervals">Ends of intervals.</param>
    public static ValueRange Of(IEnumerable<double> measured, IEnumerable<double> intervals)
    {
        var inside = measured.Where(double.IsFinite).DefaultIfEmpty(0).ToList();
        var (low, high) = (inside.Min(), inside.Max());
        var ends = intervals.Where(double.IsFinite).Concat(inside).ToList();
        var reach = high > low ? MostOfIntervals * (high - low) : double.PositiveInfinity;
        var (from, to) = (Math.Max(ends.Min(), low - reach), Math.Min(ends.Max(), high + reach));
        var room = to > from ? Room * (to - from) : 1;
        return new(from - room, to + room, ends.Min() < from - room || ends.Max() > to + room);
    }
}
