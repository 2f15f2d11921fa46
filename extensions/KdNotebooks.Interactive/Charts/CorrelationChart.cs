using KdNotebooks.Analysis;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Charts;

/// <summary>Correlation of student and teacher channels, before and after the transformation, side by side.</summary>
public static class CorrelationChart
{
    /// <param name="matches">One a connection, of one run; each is a row of the figure.</param>
    /// <exception cref="KdException">There is none.</exception>
    public static Figure Draw(params IReadOnlyList<ChannelMatch> matches) => ChartLibrary.Painter.Correlation(matches);
}
