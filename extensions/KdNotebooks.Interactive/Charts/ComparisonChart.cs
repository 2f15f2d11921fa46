using KdNotebooks.Experiments;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Charts;

/// <summary>
/// Methods from best to worst: a point a seed, the mean, its 95 % interval; lines at baseline and teacher.
/// </summary>
public static class ComparisonChart
{
    /// <summary>Test accuracy at the last epoch, with the teacher's where there is one.</summary>
    public static Figure Draw(ExperimentResult result) => Draw(result.Table, result.Teacher?.Test);

    /// <param name="teacher">In the metric's unit; null draws no line.</param>
    /// <param name="metric">The default value is "accuracy", in percent; of "loss" the lowest is best.</param>
    /// <exception cref="KdException">Nothing of the kind was measured.</exception>
    public static Figure Draw(
        ResultTable table, double? teacher = null, string metric = "accuracy", string split = "test",
        string epoch = "last") =>
        ChartLibrary.Painter.Comparison(table, teacher, new Measurement(metric, split, epoch));
}
