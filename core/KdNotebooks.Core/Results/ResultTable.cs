using System.Globalization;
using System.Text;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;
using Microsoft.Data.Analysis;

namespace KdNotebooks.Results;

/// <summary>The measured numbers of an experiment, with the statistics that make them comparable.</summary>
/// <remarks>
/// The difference to the baseline is paired: both methods share a seed, and with it the student's first weights, the
/// order of the images and their augmentation, so what the seed contributes cancels out.
/// </remarks>
public sealed class ResultTable
{
    /// <param name="rows">One row a run, metric, split and epoch.</param>
    /// <param name="baseline">The method that the others are compared with.</param>
    /// <exception cref="KdException">The baseline has no row, or a method has two rows for one measurement.</exception>
    public ResultTable(IEnumerable<ResultRow> rows, string baseline)
    {
        Rows = [.. rows];
        Baseline = baseline;
        Methods = [.. Rows.Select(row => row.Method).Distinct()];
        if (!Methods.Contains(baseline))
        {
            throw new KdException(
                $"ResultTable: the baseline '{baseline}' has no row; methods with rows: {string.Join(", ", Methods)}.");
        }

        var measured = Rows.GroupBy(row => (row.Method, row.Seed, row.Metric, row.Split, row.Epoch));
        if (measured.FirstOrDefault(rows => rows.Count() > 1) is { } twice)
        {
            throw new KdException(
                $"ResultTable: {twice.Key} was measured {twice.Count()} times; expected one row each.");
        }
    }

    public IReadOnlyList<ResultRow> Rows { get; }

    public string Baseline { get; }

    /// <summary>In the order in which they first appear.</summary>
    public IReadOnlyList<string> Methods { get; }

    /// <summary>What is shown first: test accuracy at the last epoch, else the first that was measured.</summary>
    public Measurement Headline => Measurements.Contains(Measurement.Default) ? Measurement.Default : Measurements[0];

    /// <summary>What a metric of this table is: its unit, and whether more of it is better.</summary>
    /// <param name="metric">Its name.</param>
    public MetricKind KindOf(string metric) =>
        Rows.FirstOrDefault(row => row.Metric == metric)?.Kind ?? MetricKind.Named(metric);

    /// <summary>Everything that was measured, in the order in which it first appears.</summary>
    public IReadOnlyList<Measurement> Measurements =>
        [.. Rows.Select(row => new Measurement(row.Metric, row.Split, row.Epoch)).Distinct()];

    /// <summary>What was measured on one split alone: "validation" to choose by, "test" to report.</summary>
    /// <exception cref="KdException">Nothing was measured on it.</exception>
    public ResultTable On(string split) => Rows.Any(row => row.Split == split)
        ? new ResultTable(Rows.Where(row => row.Split == split), Baseline)
        : throw new KdException(
            $"ResultTable: nothing was measured on '{split}'; measured: "
            + $"{string.Join(", ", Rows.Select(row => row.Split).Distinct())}.");

    /// <summary>The <see cref="Headline"/>, summarised.</summary>
    public IReadOnlyList<ResultSummary> Summarise() => Summarise(Headline.Metric, Headline.Split, Headline.Epoch);

    /// <summary>One line a method: mean, deviation, paired difference to the baseline and its 95 % interval.</summary>
    public IReadOnlyList<ResultSummary> Summarise(string metric, string split = "test", string epoch = "last")
    {
        var values = Rows
            .Where(row => row.Metric == metric && row.Split == split && row.Epoch == epoch)
            .GroupBy(row => row.Method)
            .ToDictionary(group => group.Key, group => group.ToDictionary(row => row.Seed, row => row.Value));
        return [.. Methods.Where(values.ContainsKey).Select(method => Compare(method, values))];
    }

    /// <summary>All rows, a column for each field.</summary>
    public DataFrame ToDataFrame() => new(
        new StringDataFrameColumn("method", Rows.Select(row => row.Method)),
        new Int32DataFrameColumn("seed", Rows.Select(row => row.Seed)),
        new StringDataFrameColumn("metric", Rows.Select(row => row.Metric)),
        new DoubleDataFrameColumn("value", Rows.Select(row => row.Value)),
        new StringDataFrameColumn("split", Rows.Select(row => row.Split)),
        new StringDataFrameColumn("epoch", Rows.Select(row => row.Epoch)),
        new StringDataFrameColumn("run", Rows.Select(row => row.Run)));

    /// <summary>The summary of the <see cref="Headline"/>, in columns of plain text.</summary>
    public override string ToString()
    {
        var (metric, split, epoch) = Headline;
        var summary = Summarise(metric, split, epoch);
        var width = Math.Max(6, summary.Select(line => line.Method.Length).DefaultIfEmpty(0).Max());
        var text = new StringBuilder().AppendLine($"{Headline}");
        text.AppendLine($"{"method".PadRight(width)}  seeds    mean      sd   difference   95 % interval");
        foreach (var line in summary)
        {
            text.Append($"{line.Method.PadRight(width)}  {line.Runs,5}  {Number(line.Mean),6}");
            text.Append($"  {Number(line.StandardDeviation),6}");
            text.AppendLine($"   {Signed(line.Difference),10}   {Interval(line)}".TrimEnd());
        }

        return text.ToString();
    }

    /// <summary>"[+0.65, +2.01]", or "" where there is none.</summary>
    public static string Interval(ResultSummary line) =>
        line is { Low: { } low, High: { } high } ? $"[{Signed(low)}, {Signed(high)}]" : "";

    /// <summary>Two decimals, "n/a" for not a number.</summary>
    public static string Number(double value) =>
        double.IsNaN(value) ? "n/a" : value.ToString("F2", CultureInfo.InvariantCulture);

    /// <summary>Two decimals with their sign, "n/a" for not a number, "" for none.</summary>
    public static string Signed(double? value) =>
        value is double.NaN ? "n/a" : value?.ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture) ?? "";

    private ResultSummary Compare(string method, Dictionary<string, Dictionary<int, double>> values)
    {
        var own = values[method];
        var summary = new ResultSummary(
            method, own.Count, own.Values.Mean(), own.Values.StandardDeviation(), null, null, null);
        if (method == Baseline || !values.TryGetValue(Baseline, out var reference))
        {
            return summary;
        }

        var differences = own.Where(pair => reference.ContainsKey(pair.Key))
            .Select(pair => pair.Value - reference[pair.Key]).ToArray();
        return differences.Length == 0 ? summary : WithInterval(summary, differences);
    }

    private static ResultSummary WithInterval(ResultSummary summary, double[] differences)
    {
        var mean = differences.Mean();
        summary = summary with { Difference = mean, Pairs = differences.Length };
        if (differences.Length < 2 || !double.IsFinite(mean))
        {
            return summary;
        }

        var half = StudentT.InvCDF(0, 1, differences.Length - 1, 0.975)
            * differences.StandardDeviation() / Math.Sqrt(differences.Length);
        return summary with { Low = mean - half, High = mean + half };
    }
}
