using System.Globalization;
using System.Text.RegularExpressions;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Results;
using KdNotebooks.Runs;
using KdNotebooks.Tasks;
using Plotly.NET;
using Chart = Plotly.NET.CSharp.Chart;

namespace KdNotebooks.Charts;

/// <summary>Paints an <see cref="AblationChart"/>.</summary>
internal static partial class AblationPainter
{
    private const string Ink = "#0072B2", Faint = "#8a929c";

    public static Figure Draw(ResultTable table, Measurement what)
    {
        var all = MethodValues.Of(table, what, nameof(AblationChart));
        var scale = Scale.Of([.. all.Where(method => method.Method != table.Baseline).Select(method => method.Method)]);
        // Where the others are numbers, the baseline is no number among them: a line to measure by.
        var shown = scale is null ? all : [.. all.Where(method => method.Method != table.Baseline)];
        var at = scale?.Values ?? [.. Enumerable.Range(0, shown.Count).Select(place => (double)place)];
        var title = $"{what}";
        var range = ValueRange.Of(
            all.SelectMany(method => method.Seeds.Select(seed => seed.Value).Append(method.Mean)),
            shown.SelectMany(method => method.Ends)).Possible(what.Metric);
        var says = $"faint lines: one seed; points: mean; bar: {MethodValues.BarWords}"
            + (scale is null ? "" : $"; dashed: {table.Baseline}") + (range.Cut ? ValueRange.CutWords : "")
            + ChartFrame.Unlike(table.MachineNote);
        var yAxis = ChartFrame.Axis($"{what.Split} {MetricKind.Named(what.Metric).WithUnit}");
        yAxis["range"] = range.Ends;
        var layout = ChartFrame.Layout(title, says, XAxis(scale, shown), yAxis);
        layout.SetProperty("showlegend", false);
        var charts = Seeds(shown, at).Append(Means(shown, at, joined: scale is not null)).ToList();
        if (scale is not null && all.Find(method => method.Method == table.Baseline) is { } baseline)
        {
            Mark(layout, baseline);
        }

        var altText = $"Point plot. {title}: " + string.Join(", ", all.Select(method =>
            $"{method.Method} {ResultTable.Number(method.Mean)} {method.Interval}".TrimEnd())) + ".";
        var numbers = ChartFrame.Below(MethodValues.Table(all, table.Baseline), table.MachineNote);
        return charts.ToFigure(layout, altText, numbers) with
        {
            Title = title,
            Says = says,
        };
    }

    private static Dictionary<string, object> XAxis(Scale? scale, List<MethodValues> shown)
    {
        var axis = ChartFrame.Axis(scale?.Name ?? "");
        if (scale is null)
        {
            axis["tickvals"] = Enumerable.Range(0, shown.Count).ToArray();
            axis["ticktext"] = shown.Select(method => ChartText.Escape(method.Method)).ToArray();
            axis["range"] = new[] { -0.5, shown.Count - 0.5 };
            axis["showgrid"] = false;
            return axis;
        }

        axis["type"] = scale.IsLogarithmic ? "log" : "linear";
        axis["tickvals"] = scale.Values;
        axis["ticktext"] = scale.Values.Select(AlphaTerm.Text).ToArray();
        return axis;
    }

    // Variants of one seed share first weights and images: its line shows what the variant alone changes.
    private static IEnumerable<GenericChart> Seeds(List<MethodValues> shown, IReadOnlyList<double> at) =>
        shown.SelectMany((method, place) => method.Seeds.Select(seed => (seed.Seed, X: at[place], seed.Value)))
            .GroupBy(point => point.Seed)
            .Select(seed => Chart.Scatter<double, double, string>(
                    seed.Select(point => point.X), seed.Select(point => point.Value), StyleParam.Mode.Lines_Markers,
                    Name: $"seed {seed.Key}", UseDefaults: false)
                .With("line", new { color = Faint, width = 1 })
                .With("marker", new { color = Faint, size = 6, symbol = "circle-open" })
                .With("opacity", 0.65)
                .With("hovertemplate", $"seed {seed.Key}: %{{y:.3~f}}<extra></extra>"));

    private static GenericChart Means(List<MethodValues> shown, IReadOnlyList<double> at, bool joined) =>
        Chart.Scatter<double, double, string>(
                at, shown.Select(method => method.Mean),
                joined ? StyleParam.Mode.Lines_Markers : StyleParam.Mode.Markers, Name: "mean", UseDefaults: false,
                MultiText: shown.Select(method => ChartText.Escape(
                    $"{method.Method} {method.Interval} {method.Remark}".TrimEnd())).ToArray())
            .With("line", new { color = Ink, width = 2.5 })
            .With("marker", new { color = Ink, size = 12 })
            .With("error_y", new
            {
                type = "data",
                array = shown.Select(method => method.Half ?? 0).ToArray(),
                color = Ink,
                thickness = 2.5,
                width = 7,
            })
            .With("hovertemplate", "%{text}<br>mean %{y:.3~f}<extra></extra>");

    private static void Mark(Layout layout, MethodValues baseline)
    {
        layout.SetProperty("shapes", new[]
        {
            new
            {
                type = "line", x0 = 0, x1 = 1, xref = "paper", y0 = baseline.Mean, y1 = baseline.Mean,
                layer = "below", line = new { color = "#6B6B6B", width = 1.5, dash = "dash" },
            },
        });
        layout.SetProperty("annotations", new[]
        {
            new
            {
                x = 1, xref = "paper", xanchor = "right", y = baseline.Mean, yanchor = "bottom",
                text = ChartText.Escape(baseline.Method), showarrow = false,
            },
        });
    }

    /// <summary>Variants whose names are one word and a number: "mlp-1", "mlp-2"; "alpha 0.5", "alpha 5".</summary>
    private sealed partial record Scale(string Name, IReadOnlyList<double> Values)
    {
        public bool IsLogarithmic => Values.Min() > 0 && Values.Max() / Values.Min() > 20;

        public static Scale? Of(IReadOnlyList<string> names)
        {
            var parts = names.Select(name => Ending().Match(name)).ToList();
            if (names.Count < 2 || parts.Exists(part => !part.Success)
                || parts.DistinctBy(part => part.Groups["word"].Value).Count() != 1)
            {
                return null;
            }

            var values = parts.Select(part => double.Parse(part.Groups["number"].Value, CultureInfo.InvariantCulture));
            return values.Distinct().Count() != names.Count ? null
                : new Scale(parts[0].Groups["word"].Value.TrimEnd(' ', '-', '='), [.. values]);
        }

        [GeneratedRegex(@"^(?<word>.*?[ \-=])(?<number>\d+(\.\d+)?)$", RegexOptions.ExplicitCapture)]
        private static partial Regex Ending();
    }
}
