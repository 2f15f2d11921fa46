using KdNotebooks.Runtime;

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
        var metric = table.KindOf(table.Headline.Metric);
        var unit = metric.Unit.Length > 0 ? $" {metric.Unit}" : "";
        return $"{method}: {metric.Prefix}{ResultTable.Number(line.Mean)}{unit} against "
            + $"{ResultTable.Number(baseline.Mean)}{unit} for {baseline.Method}, a paired difference of "
            + $"{ResultTable.Signed(line.Difference)}{(metric.IsPercent ? " points" : unit)} over "
            + $"{line.Pairs} seed{(line.Pairs == 1 ? "" : "s")}; {Verdict(line, metric.HigherIsBetter)}";
    }

    private static string Verdict(ResultSummary line, bool higherIsBetter) => line switch
    {
        { Low: null, Pairs: > 1 } => "a value is not a finite number, so nothing can be concluded.",
        { Low: null } => "one seed gives no interval, so nothing can be concluded.",
        { Low: > 0 } => $"the 95 % interval {ResultTable.Interval(line)} lies above zero: it {Effect(higherIsBetter)}.",
        { High: < 0 } => $"the 95 % interval {ResultTable.Interval(line)} lies below zero: it {Effect(!higherIsBetter)}.",
        _ => $"the 95 % interval {ResultTable.Interval(line)} holds zero: no difference was shown.",
    };

    private static string Effect(bool better) => better ? "helped" : "hurt";
}
