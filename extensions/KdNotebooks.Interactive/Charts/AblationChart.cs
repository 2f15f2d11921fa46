using KdNotebooks.Results;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Charts;

/// <summary>
/// The variants of an ablation in their given order: a point a seed, the mean, and the 95 % interval of that mean
/// alone.
/// </summary>
/// <remarks>
/// Where the variants beside the baseline are called by one word and a number ("mlp-1", "mlp-2"; "alpha 0.5",
/// "alpha 5"), the axis is that number, logarithmic where it spans more than a factor of twenty, and the baseline
/// is a line.
/// </remarks>
public static class AblationChart
{
    /// <param name="metric">A task's own name for it.</param>
    /// <exception cref="KdException">Nothing of the kind was measured.</exception>
    public static Figure Draw(
        ResultTable table, string metric, string split = "test", string epoch = "last") =>
        ChartLibrary.Painter.Ablation(table, new Measurement(metric, split, epoch));

    /// <summary>What the table shows first: test accuracy, or mIoU, at the last epoch.</summary>
    public static Figure Draw(ResultTable table) => ChartLibrary.Painter.Ablation(table, table.Headline);
}
