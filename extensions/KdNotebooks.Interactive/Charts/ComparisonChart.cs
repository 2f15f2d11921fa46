using KdNotebooks.Results;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;
using KdNotebooks.Teachers;

namespace KdNotebooks.Interactive.Charts;

/// <summary>
/// Methods from best to worst: a point a seed, the mean, the 95 % interval of that mean alone; lines at baseline and
/// teacher.
/// </summary>
public static class ComparisonChart
{
    /// <summary>What the table shows first, with the teacher's where there is one.</summary>
    public static Figure Draw(ExperimentResult result) => ChartLibrary.Painter.Comparison(
        result.Table, result.Table.Headline.Split == "test" ? result.Teacher?.Test : Validation(result.Teacher),
        result.Table.Headline);

    private static double? Validation(TeacherCheck? teacher) => teacher is { Unmeasured: null } ? teacher.Validation : null;

    /// <summary>What the table shows first.</summary>
    public static Figure Draw(ResultTable table, double? teacher = null) =>
        ChartLibrary.Painter.Comparison(table, teacher, table.Headline);

    /// <param name="teacher">In the metric's unit; null draws no line.</param>
    /// <param name="metric">A task's own name for it; of "loss" the lowest is best.</param>
    /// <exception cref="KdException">Nothing of the kind was measured.</exception>
    public static Figure Draw(
        ResultTable table, string metric, string split = "test", string epoch = "last", double? teacher = null) =>
        ChartLibrary.Painter.Comparison(table, teacher, new Measurement(metric, split, epoch));
}
