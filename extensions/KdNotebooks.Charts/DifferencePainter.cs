using KdNotebooks.Experiments;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Runtime;

namespace KdNotebooks.Charts;

/// <summary>Paints a <see cref="DifferenceChart"/>.</summary>
internal static class DifferencePainter
{
    public const string Says = "small points: one seed; large point: mean; bar: 95 % interval (Student’s t)";

    public static Figure Draw(ResultTable table, Measurement what)
    {
        var (metric, split, epoch) = what;
        var lines = table.Summarise(metric, split, epoch).Where(line => line.Difference is not null).ToList();
        if (lines.Count == 0)
        {
            throw new KdException(
                $"DifferenceChart: no method shares a seed with the baseline '{table.Baseline}' in {split} {metric} "
                + $"({epoch} epoch); rows are there for: {string.Join(", ", table.Methods)}.");
        }

        var unit = metric == "accuracy" ? " (percentage points)" : "";
        var title = ChartText.Capital($"{split} {metric}: difference to {table.Baseline}");
        var rows = lines.Select(line => Row(line.Method, line, PairsOf(table, line.Method, what))).ToList();
        var layout = ChartFrame.Layout(
            title, Says, XAxis($"difference to {table.Baseline}{unit}", rows), DotRows.YAxis(rows), left: 24);
        layout.SetProperty("showlegend", false);
        var figure = DotRows.Traces(rows, "+.3~f").ToFigure(layout, AltText(title, lines), Table(lines));
        return figure with { Title = title, Says = Says, Height = 190 + (DotRows.RowHeight * lines.Count) };
    }

    /// <summary>A row of differences.</summary>
    public static DotRow Row(string name, ResultSummary line, IReadOnlyList<(int Seed, double Difference)> pairs) => new(
        name, MethodStyle.Of(line.Method), [.. pairs.Select(pair => ($"seed {pair.Seed}", pair.Difference))],
        line.Difference ?? double.NaN, line.High - line.Difference, ResultTable.Interval(line));

    /// <summary>An axis of differences: zero is always in sight, and marked.</summary>
    public static Dictionary<string, object> XAxis(string title, IReadOnlyList<DotRow> rows)
    {
        var axis = DotRows.XAxis(title, rows, 0);
        axis["tickformat"] = "+~g";
        axis["zeroline"] = true;
        axis["zerolinecolor"] = "#7d858f";
        axis["zerolinewidth"] = 2;
        return axis;
    }

    private static List<(int Seed, double Difference)> PairsOf(ResultTable table, string method, Measurement what)
    {
        var rows = table.Rows.Where(row => new Measurement(row.Metric, row.Split, row.Epoch) == what).ToList();
        var baseline = rows.Where(row => row.Method == table.Baseline).ToDictionary(row => row.Seed, row => row.Value);
        return [.. rows.Where(row => row.Method == method && baseline.ContainsKey(row.Seed))
            .Select(row => (row.Seed, row.Value - baseline[row.Seed]))];
    }

    private static string AltText(string title, List<ResultSummary> lines) =>
        $"Dot plot with intervals. {title}. " + string.Join(", ", lines.Select(line =>
            $"{line.Method} {ResultTable.Signed(line.Difference)} {ResultTable.Interval(line)}".TrimEnd())) + ".";

    private static string Table(List<ResultSummary> lines) => ChartText.Columns(
    [
        ["method", "difference", "95 % interval"],
        .. lines.Select(line => new[]
        {
            line.Method, ResultTable.Signed(line.Difference), ResultTable.Interval(line),
        }),
    ]);
}
