using KdNotebooks.Results;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Charts;

/// <summary>What the band around a mean line spans.</summary>
public enum Band
{
    /// <summary>From the lowest to the highest seed.</summary>
    LowestToHighest,

    /// <summary>One sample standard deviation over seeds to either side.</summary>
    StandardDeviation,
}

/// <summary>One metric over epochs: for each method the mean over its seeds and a band.</summary>
public static class LearningCurvesChart
{
    /// <param name="curves">One curve a method and seed; methods are drawn in the order in which they appear.</param>
    /// <param name="band">The default value is lowest to highest seed, which hides nothing of a few seeds.</param>
    /// <exception cref="KdException">There is no curve with a value.</exception>
    public static Figure Draw(LearningCurves curves, Band band = Band.LowestToHighest) =>
        ChartLibrary.Painter.LearningCurves(curves, band);
}
