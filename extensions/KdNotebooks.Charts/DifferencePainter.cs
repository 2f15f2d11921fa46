using KdNotebooks.Experiments;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Runtime;
using Plotly.NET;
using Chart = Plotly.NET.CSharp.Chart;

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

        var unit = metric == "accuracy" ? " (percentage points)" : "";
        var title = ChartText.Capital($"{split} {metric}: difference to {table.Baseline}");
        const string says = "small points: one seed; large point: mean; bar: 95 % interval (Student’s t)";
        var xAxis = XAxis($"difference to {table.Baseline}{unit}", Ends(table, lines, what));
        var layout = ChartFrame.Layout(title, says, xAxis, YAxis(lines), left: 24);
        layout.SetProperty("showlegend", false);
        var figure = lines.SelectMany((line, row) => new[] { Points(table, line, row, what), Mean(line, row) })
            .ToFigure(layout, AltText(title, lines), Table(lines));
        return figure with { Title = title, Says = says, Height = 190 + 56 * lines.Count };
    }

    private static Dictionary<string, object> XAxis(string title, List<double> ends)
    {
        var axis = ChartFrame.Axis(title);
        axis["tickformat"] = "+~g";
        // Zero is always in sight, and nothing stands on the edge.
        var (low, high) = (Math.Min(0, ends.Min()), Math.Max(0, ends.Max()));
        var room = high > low ? 0.08 * (high - low) : 1;
        axis["range"] = new[] { low - room, high + room };
        axis["zeroline"] = true;
        axis["zerolinecolor"] = "#7d858f";
        axis["zerolinewidth"] = 2;
        return axis;
    }

    private static List<double> Ends(
        ResultTable table, List<ResultSummary> lines, Measurement what) =>
        [.. lines.SelectMany(line => PairsOf(table, line.Method, what).Select(pair => pair.Difference)
            .Concat([line.Low ?? 0, line.High ?? 0])).Where(double.IsFinite).DefaultIfEmpty(0)];

    // Rows are numbers with names for ticks, the first on top: a row has room for points above its mean.
    private static Dictionary<string, object> YAxis(List<ResultSummary> lines)
    {
        var axis = ChartFrame.Axis("");
        axis["tickvals"] = Enumerable.Range(0, lines.Count).ToArray();
        axis["ticktext"] = lines.Select(line => ChartText.Escape(line.Method) + "\u2002").ToArray();
        axis["range"] = new[] { lines.Count - 0.4, -0.6 };
        axis["showgrid"] = false;
        axis["showline"] = false;
        axis["ticks"] = "";
        return axis;
    }

    private static GenericChart Points(
        ResultTable table, ResultSummary line, int row, Measurement what)
    {
        var pairs = PairsOf(table, line.Method, what);
        return Chart.Scatter<double, double, string>(
                pairs.Select(pair => pair.Difference), pairs.Select(_ => row - 0.22), StyleParam.Mode.Markers,
                Name: ChartText.Escape(line.Method), UseDefaults: false,
                MultiText: pairs.Select(pair => $"seed {pair.Seed}").ToArray())
            .With("marker", Marker(MethodStyle.Of(line.Method), size: 8, opacity: 0.6))
            .With("hovertemplate", "%{text}: %{x:+.3~f}");
    }

    private static List<(int Seed, double Difference)> PairsOf(
        ResultTable table, string method, Measurement what)
    {
        var rows = table.Rows.Where(row => new Measurement(row.Metric, row.Split, row.Epoch) == what).ToList();
        var baseline = rows.Where(row => row.Method == table.Baseline).ToDictionary(row => row.Seed, row => row.Value);
        return [.. rows.Where(row => row.Method == method && baseline.ContainsKey(row.Seed))
            .Select(row => (row.Seed, row.Value - baseline[row.Seed]))];
    }

    private static GenericChart Mean(ResultSummary line, int row)
    {
        var style = MethodStyle.Of(line.Method);
        var chart = Chart.Scatter<double, double, string>(
                [line.Difference!.Value], [(double)row], StyleParam.Mode.Markers,
                Name: ChartText.Escape(line.Method), UseDefaults: false)
            .With("marker", Marker(style, size: 13, opacity: 1))
            .With("hovertemplate", $"mean %{{x:+.3~f}}  {ResultTable.Interval(line)}");
        return line.High is not { } high ? chart : chart.With("error_x", new
        {
            type = "data",
            array = new[] { high - line.Difference.Value },
            color = style.Colour,
            thickness = 2.5,
            width = 7,
        });
    }

    private static object Marker(MethodStyle style, int size, double opacity) => new
    {
        color = style.Colour,
        symbol = style.Symbol,
        size,
        opacity,
    };

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
