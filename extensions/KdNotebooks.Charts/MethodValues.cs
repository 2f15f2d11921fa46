using KdNotebooks.Results;
using KdNotebooks.Runtime;

namespace KdNotebooks.Charts;

/// <summary>One method's measured values, seed by seed, with their mean and its interval.</summary>
/// <param name="Half">
/// Half of the mean's 95 % interval (Student's t), of this method alone; null for one seed, a value that is no number,
/// and seeds that all give one value. It says how sure the mean is, and nothing of the difference to the baseline.
/// </param>
/// <param name="Remark">What is claimed against the baseline, by the simultaneous intervals.</param>
internal sealed record MethodValues(
    string Method, IReadOnlyList<(int Seed, double Value)> Seeds, double Mean, double? Half, string Remark)
{
    /// <summary>The ends of the interval.</summary>
    public IEnumerable<double> Ends => Half is { } half ? [Mean - half, Mean + half] : [];

    /// <summary>"[82.10, 84.30]", or "" where there is none.</summary>
    public string Interval => Half is { } half
        ? $"[{ResultTable.Number(Mean - half)}, {ResultTable.Number(Mean + half)}]"
        : "";

    /// <summary>Every method of a table, in its order.</summary>
    /// <param name="chart">What an error calls the figure.</param>
    /// <exception cref="KdException">Nothing of the kind was measured.</exception>
    public static List<MethodValues> Of(ResultTable table, Measurement what, string chart)
    {
        var lines = table.Summarise(what.Metric, what.Split, what.Epoch);
        return lines.Count > 0 ? [.. lines.Select(line => Of(table, line, what))] : throw new KdException(
            $"{chart}: '{what}' was not measured; measured: {string.Join("; ", table.Measurements)}.");
    }

    /// <summary>The numbers of the figure.</summary>
    /// <param name="baseline">What the others are compared with.</param>
    public static string Table(IEnumerable<MethodValues> methods, string baseline)
    {
        string[] head = ["method", "seeds", "mean", "interval of the mean", $"difference to {baseline}"];
        var rows = methods.Select(method => (string[])
        [
            method.Method, $"{method.Seeds.Count}", ResultTable.Number(method.Mean), method.Interval, method.Remark,
        ]);
        return string.Join('\n', TextColumns.Align([head, .. rows], isNumber: column => column is > 0 and < 4));
    }

    /// <summary>What a bar of the figure is.</summary>
    public const string BarWords = "95 % interval of this mean alone (Student’s t), not of a difference";

    private static MethodValues Of(ResultTable table, ResultSummary line, Measurement what)
    {
        var seeds = table.Rows
            .Where(row => row.Method == line.Method && new Measurement(row.Metric, row.Split, row.Epoch) == what)
            .Select(row => (row.Seed, row.Value)).ToList();
        double[] values = [.. seeds.Select(seed => seed.Value)];
        var half = StudentInterval.Half(values, values.Max(Math.Abs));
        return new MethodValues(line.Method, seeds, line.Mean, half, line.Remark(table.Baseline));
    }
}
