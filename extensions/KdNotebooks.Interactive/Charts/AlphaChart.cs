using KdNotebooks.Runs;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Charts;

/// <summary>
/// For each distillation term the weight at which it pulls as hard as the task: where to look for alpha.
/// </summary>
public static class AlphaChart
{
    /// <exception cref="KdException">The report has no term.</exception>
    public static Figure Draw(AlphaReport report) => ChartLibrary.Painter.Alpha(report);
}
