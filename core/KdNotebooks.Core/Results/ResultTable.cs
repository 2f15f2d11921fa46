using System.Globalization;
using KdNotebooks.Native;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using Microsoft.Data.Analysis;

namespace KdNotebooks.Results;

/// <summary>The measured numbers of an experiment, with the statistics that make them comparable.</summary>
/// <remarks>
/// The difference to the baseline is paired: both methods share a seed, and with it the student's first weights, the
/// order of the images and their augmentation, so what the seed contributes cancels out. A family is all methods that
/// one measurement compares with the baseline; what is claimed of one of them is claimed by intervals that hold for the
/// whole family at once (<see cref="StudentInterval"/>). Another metric, split or epoch, and another baseline, is a
/// family of its own: which one counts is to be said before it is looked at.
/// </remarks>
public sealed class ResultTable
{
    // All that was compared, where this table shows a choice of it: a choice that was made afterwards is no smaller
    // family.
    private readonly ResultTable _whole;

    /// <param name="rows">One row a run, metric, split and epoch.</param>
    /// <param name="baseline">The method that the others are compared with.</param>
    /// <exception cref="KdException">The baseline has no row, or a method has two rows for one measurement.</exception>
    public ResultTable(IEnumerable<ResultRow> rows, string baseline)
    {
        _whole = this;
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

    private ResultTable(IEnumerable<ResultRow> rows, ResultTable from)
        : this(rows, from.Baseline) => _whole = from._whole;

    public IReadOnlyList<ResultRow> Rows { get; }

    public string Baseline { get; }

    /// <summary>In the order in which they first appear.</summary>
    public IReadOnlyList<string> Methods { get; }

    /// <summary>
    /// Which runs were made with other threads or on another processor than the rest, whose differences are in part
    /// that; empty where all were made alike, or none says how.
    /// </summary>
    public string MachineNote => Results.MachineNote.Of(Rows.Select(row => (row.Method, row.Seed, row.Machine)));

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
        ? new ResultTable(Rows.Where(row => row.Split == split), this)
        : throw new KdException(
            $"ResultTable: nothing was measured on '{split}'; measured: "
            + $"{string.Join(", ", Rows.Select(row => row.Split).Distinct())}.");

    /// <summary>
    /// Some methods beside the baseline, in this order. The intervals stay those of all that were compared: to look at
    /// a choice only does not make a claim surer.
    /// </summary>
    /// <exception cref="KdException">One was not measured.</exception>
    public ResultTable Among(IReadOnlyList<string> methods)
    {
        if (methods.FirstOrDefault(name => !Methods.Contains(name)) is { } unknown)
        {
            throw new KdException(
                $"among: '{unknown}' was not measured; the nearest is '{Nearest.Of(unknown, Methods)}'. Measured: "
                + $"{string.Join(", ", Methods)}.");
        }

        return new ResultTable(
            methods.Prepend(Baseline).Distinct().SelectMany(name => Rows.Where(row => row.Method == name)), this);
    }

    /// <summary>The <see cref="Headline"/>, summarised.</summary>
    public IReadOnlyList<ResultSummary> Summarise() => Summarise(Headline.Metric, Headline.Split, Headline.Epoch);

    /// <summary>
    /// One line a method: mean, deviation, paired difference to the baseline, its 95 % interval alone and the
    /// simultaneous one of all methods that are compared on this measurement.
    /// </summary>
    public IReadOnlyList<ResultSummary> Summarise(string metric, string split = "test", string epoch = "last")
    {
        var what = new Measurement(metric, split, epoch);
        var values = ValuesOf(what);
        var family = ReferenceEquals(_whole, this) ? FamilyOf(values) : FamilyOf(_whole.ValuesOf(what));
        var reference = values.GetValueOrDefault(Baseline);
        return [.. Methods.Where(values.ContainsKey).Select(method => PairedComparison.Of(
            method, values[method], method == Baseline ? null : reference, family))];
    }

    /// <summary>All rows, a column for each field; what they were made with, where one says so.</summary>
    public DataFrame ToDataFrame() => new(
    [
        new StringDataFrameColumn("method", Rows.Select(row => row.Method)),
        new Int32DataFrameColumn("seed", Rows.Select(row => row.Seed)),
        new StringDataFrameColumn("metric", Rows.Select(row => row.Metric)),
        new DoubleDataFrameColumn("value", Rows.Select(row => row.Value)),
        new StringDataFrameColumn("split", Rows.Select(row => row.Split)),
        new StringDataFrameColumn("epoch", Rows.Select(row => row.Epoch)),
        new StringDataFrameColumn("run", Rows.Select(row => row.Run)),
        .. Rows.Any(row => row.Machine is not null)
            ? [new StringDataFrameColumn("machine", Rows.Select(row => row.Machine ?? Machine.Unknown))]
            : Enumerable.Empty<DataFrameColumn>(),
    ]);

    /// <summary>The summary of the <see cref="Headline"/>, in columns of plain text.</summary>
    public override string ToString()
    {
        var summary = Summarise();
        string[] head = ["method", "seeds", "mean", "sd", "difference", "95 % interval", "simultaneous", ""];
        var lines = TextColumns.Align(
            [head, .. summary.Select(line => (string[])
            [
                line.Method, $"{line.Runs}", Number(line.Mean), Number(line.StandardDeviation),
                Signed(line.Difference), Interval(line), Simultaneous(line), line.Remark(Baseline),
            ])],
            isNumber: column => column is > 0 and < 7);
        var legend = StudentInterval.Legend(summary.Max(line => line.Family));
        string[] below = [.. new[] { legend, MachineNote }.Where(note => note.Length > 0), ""];
        return string.Join('\n', [$"{Headline}", .. lines, .. below]);
    }

    /// <summary>The interval of this method alone: "[+0.65, +2.01]", or "" where there is none.</summary>
    public static string Interval(ResultSummary line) => Interval(line.Low, line.High);

    /// <summary>The interval that holds together with those of the other methods, by which claims are made.</summary>
    public static string Simultaneous(ResultSummary line) => Interval(line.SimultaneousLow, line.SimultaneousHigh);

    /// <summary>Two decimals, "n/a" for not a number.</summary>
    public static string Number(double value) =>
        double.IsNaN(value) ? "n/a" : value.ToString("F2", CultureInfo.InvariantCulture);

    /// <summary>Two decimals with their sign, "n/a" for not a number, "" for none.</summary>
    public static string Signed(double? value) =>
        value is double.NaN ? "n/a" : value?.ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture) ?? "";

    private static string Interval(double? low, double? high) =>
        low is null || high is null ? "" : $"[{Signed(low)}, {Signed(high)}]";

    private Dictionary<string, Dictionary<int, double>> ValuesOf(Measurement what) => Rows
        .Where(row => row.Metric == what.Metric && row.Split == what.Split && row.Epoch == what.Epoch)
        .GroupBy(row => row.Method)
        .ToDictionary(group => group.Key, group => group.ToDictionary(row => row.Seed, row => row.Value));

    private int FamilyOf(Dictionary<string, Dictionary<int, double>> values) =>
        values.TryGetValue(Baseline, out var reference)
            ? values.Count(pair => pair.Key != Baseline && PairedComparison.Counts(pair.Value, reference))
            : 0;
}
