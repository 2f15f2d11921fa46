using KdNotebooks.Analysis;

namespace KdNotebooks.Interactive.Charts;

/// <summary>
/// The curves that a task draws, such as precision over recall, a panel each: for each method the mean over its seeds and a
/// band from the lowest to the highest.
/// </summary>
public static class ScoreCurvesChart
{
    public static Figure Draw(ScoreCurves curves) => ChartLibrary.Painter.ScoreCurves(curves);
}
