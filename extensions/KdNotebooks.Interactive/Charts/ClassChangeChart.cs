using KdNotebooks.Analysis;

namespace KdNotebooks.Interactive.Charts;

/// <summary>
/// For each class what a method changed against the baseline: a point a seed, the mean, its 95 % interval, simultaneous
/// for all classes.
/// </summary>
public static class ClassChangeChart
{
    public static Figure Draw(ClassChange change) => ChartLibrary.Painter.ClassChange(change);
}
