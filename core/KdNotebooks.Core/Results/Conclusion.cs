using KdNotebooks.Runtime;

namespace KdNotebooks.Results;

/// <summary>Says in a sentence what came out, whatever it was.</summary>
public static class Conclusion
{
    /// <summary>
    /// Compares one method with the table's baseline on what the table shows first: test accuracy or mIoU at the last
    /// epoch. "It helped" and "it hurt" go by the simultaneous interval: in the long run at most one table in twenty
    /// says either of a method that changes nothing, however many methods it compares.
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
            + $"{line.Pairs} seed{(line.Pairs == 1 ? "" : "s")}{(line.Paired.Length > 0 ? $" ({line.Paired})" : "")}; "
            + Verdict(line, baseline.Method, metric.HigherIsBetter) + Unlike(table, method);
    }

    // Of the two alone: what other methods were made with says nothing of them.
    private static string Unlike(ResultTable table, string method) =>
        table.Among([method]).MachineNote is { Length: > 0 } note ? $" {note}" : "";

    private static string Verdict(ResultSummary line, string baseline, bool higherIsBetter) => line.Finding switch
    {
        Finding.OneSeed => "one seed gives no interval, so nothing can be concluded.",
        Finding.Same => $"its value is that of {baseline} at every seed, so nothing can be concluded.",
        Finding.NoSpread => "all seeds differ by one amount, and without a spread between seeds there is no "
            + "interval, so nothing can be concluded.",
        Finding.Higher => $"{Interval(line)} lies above zero: it {Effect(higherIsBetter)}.",
        Finding.Lower => $"{Interval(line)} lies below zero: it {Effect(!higherIsBetter)}.",
        Finding.NotShown => $"{Interval(line)} holds zero: no difference was shown.{Alone(line)}",
        _ => "a value is not a finite number, so nothing can be concluded.",
    };

    private static string Interval(ResultSummary line) => line.Family > 1
        ? $"the simultaneous 95 % interval {ResultTable.Simultaneous(line)} of {line.Family} methods"
        : $"the 95 % interval {ResultTable.Simultaneous(line)}";

    // What a table of this method alone would have said, and why this one does not.
    private static string Alone(ResultSummary line) => line.Low > 0 || line.High < 0
        ? $" (Its interval alone, {ResultTable.Interval(line)}, does not; among {line.Family} some do by chance.)"
        : "";

    private static string Effect(bool better) => better ? "helped" : "hurt";
}
