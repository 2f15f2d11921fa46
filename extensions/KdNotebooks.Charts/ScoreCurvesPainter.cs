using KdNotebooks.Analysis;
using KdNotebooks.Interactive.Charts;
using Plotly.NET;
using Chart = Plotly.NET.CSharp.Chart;

namespace KdNotebooks.Charts;

/// <summary>Paints a <see cref="ScoreCurvesChart"/>: the panels beside each other, on axes of one length.</summary>
internal static class ScoreCurvesPainter
{
    private const double Gap = 0.08;

    public static Figure Draw(ScoreCurves curves)
    {
        var (panels, first) = (curves.Panels, curves.Panels[0]);
        var title = ChartText.Capital($"{first.YName} at {first.XName} ({curves.Split})");
        var layout = ChartFrame.Layout(
            title, Says(curves) + ChartFrame.Unlike(curves.MachineNote), XAxis(first, 0, panels.Count), YAxis(first));
        for (var i = 1; i < panels.Count; i++)
        {
            layout.SetProperty($"xaxis{i + 1}", XAxis(panels[i], i, panels.Count));
            var axis = YAxis(panels[i]);
            (axis["anchor"], axis["matches"]) = ($"x{i + 1}", "y");
            axis.Remove("title"); // that of the first panel
            layout.SetProperty($"yaxis{i + 1}", axis);
        }

        layout.SetProperty("annotations", panels.Select((panel, i) => Heading(panel, i, panels.Count)).ToArray());
        var charts = panels.SelectMany((panel, i) => panel.Lines.Where(line => line.Seeds > 1)
            .Select(line => Placed(
                ChartFrame.Band(line.Method, MethodStyle.Of(line.Method), panel.X, line.Low, line.High, 0.14), line, i))
            .Concat(panel.Lines.Select(line => LineOf(panel, line, i))));
        return charts.ToFigure(layout, AltText(title, curves), curves.ToString()) with { Title = title, Says = Says(curves) };
    }

    private static string Says(ScoreCurves curves)
    {
        var seeds = curves.Panels[0].Lines.Select(line => line.Seeds).Distinct().Order().ToList();
        return seeds[^1] == 1 ? "one seed for each method"
            : $"line: mean over {(seeds.Count == 1 ? "" : $"{seeds[0]} to ")}{seeds[^1]} seeds; band: lowest to highest seed";
    }

    private static double[] Domain(int panel, int panels)
    {
        var width = (1 - (Gap * (panels - 1))) / panels;
        return [panel * (width + Gap), (panel * (width + Gap)) + width];
    }

    private static Dictionary<string, object> XAxis(ScoreCurvePanel panel, int at, int panels)
    {
        var axis = ChartFrame.Axis(panel.XName);
        (axis["domain"], axis["range"]) = (Domain(at, panels), new[] { panel.X[0], panel.X[^1] });
        axis["anchor"] = at == 0 ? "y" : $"y{at + 1}";
        return axis;
    }

    private static Dictionary<string, object> YAxis(ScoreCurvePanel panel)
    {
        var axis = ChartFrame.Axis(panel.YName);
        axis["rangemode"] = "tozero";
        return axis;
    }

    private static object Heading(ScoreCurvePanel panel, int at, int panels) => new
    {
        text = ChartText.Escape(panel.Name),
        showarrow = false,
        xref = "paper",
        yref = "paper",
        x = Domain(at, panels).Average(),
        y = 1,
        xanchor = "center",
        yanchor = "bottom",
    };

    private static GenericChart LineOf(ScoreCurvePanel panel, ScoreCurveLine line, int at)
    {
        var style = MethodStyle.Of(line.Method);
        return Placed(Chart.Scatter<double, double, string>(
                panel.X, line.Mean, StyleParam.Mode.Lines, Name: ChartText.Escape(line.Method), ShowLegend: at == 0,
                UseDefaults: false)
            .With("line", new { color = style.Color, width = 2.5, dash = style.Dash })
            .With("hovertemplate", "%{x:.2f}: %{y:.3f}"), line, at);
    }

    private static GenericChart Placed(GenericChart chart, ScoreCurveLine line, int at)
    {
        var axis = at == 0 ? "" : $"{at + 1}";
        return chart.With("xaxis", $"x{axis}").With("yaxis", $"y{axis}")
            .With("legendgroup", ChartText.Escape(line.Method));
    }

    private static string AltText(string title, ScoreCurves curves) => $"Line chart: {title}. "
        + string.Join(" ", curves.Panels.Select(panel => $"{panel.Name}, mean {panel.YName} over all {panel.XName}: "
            + string.Join(", ", panel.Lines.Select(line => $"{line.Method} {ChartText.Number(line.Mean.Average())}"))
            + "."));
}
