using KdNotebooks.Interactive.Charts;
using KdNotebooks.Results;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;

namespace KdNotebooks.Charts;

/// <summary>Paints a <see cref="DifferenceChart"/>.</summary>
internal static class DifferencePainter
{
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

        var unit = MetricKind.Named(metric).IsPercent ? " (percentage points)" : "";
        var title = ChartText.Capital($"{split} {metric}: difference to {table.Baseline}");
        var rows = lines.Select(line => Row(
            line.Method, line, PairsOf(table, line.Method, what), table.Baseline)).ToList();
        return Draw(
            title, $"difference to {table.Baseline}{unit}", rows, AltText(title, lines),
            ChartFrame.Below(Table(lines, table.Baseline), table.MachineNote), Bars(lines, "methods"),
            ChartFrame.Unlike(table.MachineNote));
    }

    /// <summary>Rows of differences; zero is always in sight, and marked.</summary>
    /// <param name="bars">What a bar is: <see cref="Bars"/>.</param>
    /// <param name="also">What is said besides what the marks are; the default value is nothing.</param>
    public static Figure Draw(
        string title, string axisTitle, IReadOnlyList<DotRow> rows, string altText, string table, string bars,
        string also = "")
    {
        var range = DotRows.Range(rows, 0);
        var says = $"small points: one seed; large point: mean; bar: {bars}"
            + (range.Cut ? ValueRange.CutWords : "") + also;
        var layout = ChartFrame.Layout(title, says, XAxis(axisTitle, range), DotRows.YAxis(rows), left: 24);
        layout.SetProperty("showlegend", false);
        return DotRows.Traces(rows, "+.3~f").ToFigure(layout, altText, table) with
        {
            Title = title,
            Says = says,
            Height = 190 + (DotRows.RowHeight * rows.Count),
        };
    }

    /// <summary>What the bars of these lines are: the intervals by which claims are made.</summary>
    /// <param name="all">What is compared: "methods", "classes".</param>
    public static string Bars(IEnumerable<ResultSummary> lines, string all) =>
        lines.Select(line => line.Family).DefaultIfEmpty(0).Max() is > 1 and var family
            ? $"simultaneous 95 % interval, all {family} {all} at once (Bonferroni)"
            : "95 % interval (Student’s t)";

    /// <summary>A row of differences.</summary>
    /// <param name="baseline">What the other is called.</param>
    public static DotRow Row(
        string name, ResultSummary line, IReadOnlyList<(int Seed, double Difference)> pairs, string baseline) => new(
        name, MethodStyle.Of(line.Method), [.. pairs.Select(pair => ($"seed {pair.Seed}", pair.Difference))],
        line.Difference ?? double.NaN, line.SimultaneousHigh - line.Difference,
        $"{ResultTable.Simultaneous(line)} {line.Remark(baseline)}{Alone(line)}".Trim());

    private static string Alone(ResultSummary line) =>
        line is { Family: > 1, Low: not null } ? $" (alone {ResultTable.Interval(line)})" : "";

    private static Dictionary<string, object> XAxis(string title, ValueRange range)
    {
        var axis = DotRows.XAxis(title, range);
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
            $"{line.Method} {ResultTable.Signed(line.Difference)} {ResultTable.Simultaneous(line)}".TrimEnd())) + ".";

    private static string Table(List<ResultSummary> lines, string baseline) => string.Join('\n', TextColumns.Align(
    [
        ["method", "difference", "95 % interval", "simultaneous", ""],
        .. lines.Select(line => new[]
        {
            line.Method, ResultTable.Signed(line.Difference), ResultTable.Interval(line),
            ResultTable.Simultaneous(line), line.Remark(baseline),
        }),
    ], column => column is > 0 and < 4).Append(StudentInterval.Legend(lines.Max(line => line.Family)))).TrimEnd();
}
