using KdNotebooks.Runtime;
using KdNotebooks.Tasks;

namespace KdNotebooks.Results;

/// <summary>Says in a sentence what came out, whatever it was.</summary>
public static class Conclusion
{
    /// <summary>
    /// Compares one method with the table's baseline on what the table shows first: test accuracy or mIoU at the last
    /// epoch.
    /// </summary>
    /// <exception cref="KdException">The method was not measured, or is the baseline.</exception>
    public static string Of(ResultTable table, string method)
    {
        var lines = table.Summarise();
        var line = lines.FirstOrDefault(line => line.Method == method && line.Difference is not null)
            ?? throw new KdException(
                $"Conclusion: '{method}' cannot be compared with the baseline '{table.Baseline}'; measured: "
                + $"{string.Join(", ", table.Methods)}.");
        var baseline = lines.First(other => other.Method == table.Baseline);
        var metric = MetricKind.Named(table.Headline.Metric).Prefix;
        return $"{method}: {metric}{ResultTable.Number(line.Mean)} % against {ResultTable.Number(baseline.Mean)} % for "
            + $"{baseline.Method}, a paired difference of {ResultTable.Signed(line.Difference)} points over "
            + $"{line.Pairs} seed{(line.Pairs == 1 ? "" : "s")}; {Verdict(line)}";
    }

    private static string Verdict(ResultSummary line) => line switch
    {
        { Low: null, Pairs: > 1 } => "a value is not a finite number, so nothing can be concluded.",
        { Low: null } => "one seed gives no interval, so nothing can be concluded.",
        { Low: > 0 } => $"the 95 % interval {ResultTable.Interval(line)} lies above zero: it helped.",
        { High: < 0 } => $"the 95 % interval {ResultTable.Interval(line)} lies below zero: it hurt.",
        _ => $"the 95 % interval {ResultTable.Interval(line)} holds zero: no difference was shown.",
    };
}
