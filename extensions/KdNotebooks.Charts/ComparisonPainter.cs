using KdNotebooks.Interactive.Charts;
using KdNotebooks.Results;
using KdNotebooks.Tasks;

namespace KdNotebooks.Charts;

/// <summary>Paints a <see cref="ComparisonChart"/>.</summary>
internal static class ComparisonPainter
{
    private const string Says =
        $"best on top; small points: one seed; large point: mean; bar: {MethodValues.BarWords}";

    public static Figure Draw(ResultTable table, double? teacher, Measurement what)
    {
        var best = MetricKind.Named(what.Metric).HigherIsBetter ? -1 : 1;
        // NaN sorts as the smallest: a method that failed stands last either way.
        var methods = MethodValues.Of(table, what, nameof(ComparisonChart))
            .OrderBy(method => double.IsNaN(method.Mean)).ThenBy(method => best * method.Mean).ToList();
        var title = $"{what}";
        var rows = methods.Select(method => new DotRow(
            method.Method, MethodStyle.Of(method.Method),
            [.. method.Seeds.Select(seed => ($"seed {seed.Seed}", seed.Value))], method.Mean, method.Half,
            $"{method.Interval} {method.Remark}".Trim())).ToList();
        var range = DotRows.Range(rows, teacher ?? double.NaN).Possible(what.Metric);
        var says = Says + (range.Cut ? ValueRange.CutWords : "") + ChartFrame.Unlike(table.MachineNote);
        var axis = DotRows.XAxis(
            $"{what.Split} {MetricKind.Named(what.Metric).WithUnit}", range);
        var yAxis = DotRows.YAxis(rows);
        yAxis["range"] = new[] { rows.Count - 0.4, -1 }; // room for the names of the lines
        var layout = ChartFrame.Layout(title, says, axis, yAxis, left: 24);
        layout.SetProperty("showlegend", false);
        Mark(layout, methods, table.Baseline, teacher, range.Ends.Average());
        var altText = AltText(title, methods, teacher);
        var numbers = ChartFrame.Below(Table(methods, table.Baseline, teacher), table.MachineNote);
        return DotRows.Traces(rows, ".3~f").ToFigure(layout, altText, numbers) with
        {
            Title = title,
            Says = says,
            Height = 226 + (DotRows.RowHeight * rows.Count),
        };
    }

    // Lines to measure by: the baseline's mean and the teacher.
    private static void Mark(
        Plotly.NET.Layout layout, List<MethodValues> methods, string baseline, double? teacher, double middle)
    {
        var marks = new List<(string Name, double At, string Dash)>();
        if (methods.Find(method => method.Method == baseline) is { } line && double.IsFinite(line.Mean))
        {
            marks.Add((baseline, line.Mean, "dash"));
        }

        if (teacher is { } at && double.IsFinite(at))
        {
            marks.Add(("teacher", at, "dot"));
        }

        layout.SetProperty("shapes", marks.Select(mark => new
        {
            type = "line",
            x0 = mark.At,
            x1 = mark.At,
            y0 = 0,
            y1 = 1,
            yref = "paper",
            layer = "below",
            line = new { color = "#7d858f", width = 1.5, dash = mark.Dash },
        }).ToArray());
        layout.SetProperty("annotations", marks.Select(mark => new
        {
            x = mark.At,
            y = 1,
            yref = "paper",
            yanchor = "top",
            // To the side on which there is room.
            xanchor = mark.At < middle ? "left" : "right",
            text = ChartText.Escape(mark.Name),
            showarrow = false,
        }).ToArray());
    }

    private static string AltText(string title, List<MethodValues> methods, double? teacher) =>
        $"Dot plot. {title}, best first: " + string.Join(", ", methods.Select(method =>
            $"{method.Method} {ResultTable.Number(method.Mean)}"))
        + (teacher is { } at ? $"; teacher {ResultTable.Number(at)}." : ".");

    private static string Table(List<MethodValues> methods, string baseline, double? teacher) =>
        MethodValues.Table(methods, baseline) + (teacher is { } at ? $"\nteacher: {ResultTable.Number(at)}" : "");
}
