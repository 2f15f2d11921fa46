using KdNotebooks.Metrics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Charts;

/// <summary>A confusion matrix as colors: a row a true class, in percent of the class, with counts.</summary>
public static class ConfusionChart
{
    /// <param name="of">Whose predictions: "mlp-1, seed 1"; may be empty.</param>
    /// <exception cref="KdException">The matrix holds no image.</exception>
    public static Figure Draw(ConfusionMatrix matrix, string of = "") => ChartLibrary.Painter.Confusion(matrix, of);
}
