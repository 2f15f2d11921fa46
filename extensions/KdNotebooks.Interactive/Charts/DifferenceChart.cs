using KdNotebooks.Results;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Charts;

/// <summary>
/// For each method its paired difference to the baseline: a point a seed, the mean, and its 95 % interval, simultaneous
/// for all methods that were compared: a bar beside zero is a claim, as in the table.
/// </summary>
public static class DifferenceChart
{
    /// <param name="table">At least one method beside the baseline with a seed in common.</param>
    /// <param name="metric">A task's own name for it; differences of percentages are points.</param>
    /// <exception cref="KdException">No method can be paired with the baseline.</exception>
    public static Figure Draw(
        ResultTable table, string metric, string split = "test", string epoch = "last") =>
        ChartLibrary.Painter.Differences(table, new Measurement(metric, split, epoch));

    /// <summary>What the table shows first: test accuracy, or mIoU, at the last epoch.</summary>
    public static Figure Draw(ResultTable table) => ChartLibrary.Painter.Differences(table, table.Headline);
}
