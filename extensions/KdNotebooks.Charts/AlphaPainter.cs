using System.Globalization;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;
using Plotly.NET;
using Chart = Plotly.NET.CSharp.Chart;

namespace KdNotebooks.Charts;

/// <summary>Paints an <see cref="AlphaChart"/>.</summary>
internal static class AlphaPainter
{
    private const string Title = "Where to look for alpha";
    private const string ByGradient = "gradients alike (suggested)", ByValue = "losses alike (rule of thumb)";

    public static Figure Draw(AlphaReport report)
    {
        if (report.Terms.Count == 0)
        {
            throw new KdException("AlphaChart: the report has no term; measure a recipe that is held to a teacher.");
        }

        var says = $"the weight at which a term pulls as hard as the task, after {report.Steps} steps of that alone";
        var xAxis = ChartFrame.Axis("alpha (logarithmic)");
        xAxis["type"] = "log";
        double[] ticks = [.. Ticks(report)];
        xAxis["tickvals"] = ticks;
        xAxis["ticktext"] = ticks.Select(AlphaTerm.Text).ToArray();
        var layout = ChartFrame.Layout(Title, says, xAxis, YAxis(report), left: 24);
        // A fixed distance below the axis, whatever the height.
        layout.SetProperty("legend", new { orientation = "h", x = 0, y = 1, yanchor = "bottom" });
        GenericChart[] charts =
        [
            Points(report, ByGradient, "circle", "#0072B2", term => term.Suggested),
            Points(report, ByValue, "diamond-open", "#D55E00", term => term.ByValue),
        ];
        var altText = $"Dot plot. {Title}: " + string.Join(", ", report.Terms.Select(term =>
            $"{Name(term)} {AlphaTerm.Text(term.Suggested)}")) + ".";
        return charts.ToFigure(layout, altText, Table(report)) with
        {
            Title = Title,
            Says = says,
            Height = 220 + (44 * report.Terms.Count),
        };
    }

    // 1, 2 and 5 of every power of ten, one step beyond the weights on both sides.
    private static IEnumerable<double> Ticks(AlphaReport report)
    {
        var weights = report.Terms.SelectMany(term => new[] { term.Suggested, term.ByValue })
            .Where(double.IsFinite).DefaultIfEmpty(1).ToList();
        return Enumerable.Range(-12, 25).SelectMany(power => new[] { 1, 2, 5 }.Select(digit =>
                double.Parse($"{digit}e{power}", CultureInfo.InvariantCulture)))
            .Where(tick => tick >= weights.Min() / 2.1 && tick <= weights.Max() * 2.1);
    }

    private static Dictionary<string, object> YAxis(AlphaReport report)
    {
        var axis = ChartFrame.Axis("");
        axis["tickvals"] = Enumerable.Range(0, report.Terms.Count).ToArray();
        axis["ticktext"] = report.Terms.Select(term => ChartText.Escape(Name(term)) + "\u2002").ToArray();
        axis["range"] = new[] { report.Terms.Count - 0.4, -0.6 };
        return axis;
    }

    private static GenericChart Points(
        AlphaReport report, string name, string symbol, string color, Func<AlphaTerm, double> weight) =>
        Chart.Scatter<double, double, string>(
                report.Terms.Select(weight), report.Terms.Select((_, row) => (double)row), StyleParam.Mode.Markers,
                Name: name, UseDefaults: false,
                MultiText: report.Terms.Select(term => ChartText.Escape(term.Reason)).ToArray())
            .With("marker", new { color = color, size = 13, symbol, line = new { width = 2, color = color } })
            .With("hovertemplate", "alpha %{x}<br>%{text}<extra></extra>");

    private static string Name(AlphaTerm term) =>
        term.Term.Contains(term.Method, StringComparison.Ordinal) ? term.Term : $"{term.Method}: {term.Term}";

    private static string Table(AlphaReport report) => TextColumns.Of(
    [
        ["method", "term", "suggested alpha", "by value", "cosine"],
        .. report.Terms.Select(term => new[]
        {
            term.Method, term.Term, AlphaTerm.Text(term.Suggested), AlphaTerm.Text(term.ByValue),
            AlphaReport.Number(term.Cosine),
        }),
    ]);
}
