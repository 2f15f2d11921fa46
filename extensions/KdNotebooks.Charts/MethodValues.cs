using KdNotebooks.Results;
using KdNotebooks.Runtime;
using MathNet.Numerics.Distributions;

namespace KdNotebooks.Charts;

/// <summary>One method's measured values, seed by seed, with their mean and its interval.</summary>
/// <param name="Half">
/// Half of the mean's 95 % interval (Student's t); null for one seed, or a value that is no number.
/// </param>
internal sealed record MethodValues(
    string Method, IReadOnlyList<(int Seed, double Value)> Seeds, double Mean, double? Half)
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
    public static string Table(IEnumerable<MethodValues> methods) => TextColumns.Of(
    [
        ["method", "seeds", "mean", "95 % interval"],
        .. methods.Select(method => new[]
        {
            method.Method, $"{method.Seeds.Count}", ResultTable.Number(method.Mean), method.Interval,
        }),
    ]);

    private static MethodValues Of(ResultTable table, ResultSummary line, Measurement what)
    {
        var seeds = table.Rows
            .Where(row => row.Method == line.Method && new Measurement(row.Metric, row.Split, row.Epoch) == what)
            .Select(row => (row.Seed, row.Value)).ToList();
        var half = line.Runs > 1 && double.IsFinite(line.StandardDeviation)
            ? StudentT.InvCDF(0, 1, line.Runs - 1, 0.975) * line.StandardDeviation / Math.Sqrt(line.Runs)
            : (double?)null;
        return new MethodValues(line.Method, seeds, line.Mean, half);
    }
}
