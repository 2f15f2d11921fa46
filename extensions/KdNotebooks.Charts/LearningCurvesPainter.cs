using KdNotebooks.Interactive.Charts;
using KdNotebooks.Results;
using KdNotebooks.Runtime;
using Plotly.NET;
using Chart = Plotly.NET.CSharp.Chart;

namespace KdNotebooks.Charts;

/// <summary>Paints a <see cref="LearningCurvesChart"/>.</summary>
internal static class LearningCurvesPainter
{
    public static Figure Draw(LearningCurves curves, Band band)
    {
        var methods = curves.Curves.Where(curve => curve.Values.Count > 0).GroupBy(curve => curve.Method)
            .Select(group => CurveSummary.Of(group.Key, [.. group], band)).ToList();
        if (methods.Count == 0)
        {
            throw new KdException(
                $"LearningCurvesChart: expected curves of {curves.Metric}; got {curves.Curves.Count} with no value. "
                + "Draw them after the first epoch.");
        }

        var says = Says(methods, band);
        var title = ChartText.Capital($"{curves.Split} {ChartText.WithoutUnit(curves.Metric)} by epoch");
        var xAxis = ChartFrame.Axis("epoch");
        xAxis["tickformat"] = "d";
        if (methods.Max(method => method.Mean.Length) <= 12)
        {
            xAxis["dtick"] = 1; // no half epochs
        }

        var layout = ChartFrame.Layout(title, says, xAxis, ChartFrame.Axis(curves.Metric));
        layout.SetProperty("hovermode", "x unified");
        var figure = methods.Where(method => method.Seeds > 1).Select(method => ChartFrame.Band(
                method.Method, method.Style, [.. Enumerable.Range(1, method.Mean.Length).Select(epoch => (double)epoch)], method.Low,
                method.High, 0.16))
            .Concat(methods.Select(LineOf))
            .ToFigure(layout, AltText(title, says, methods), Table(curves.Metric, methods));
        return figure with { Title = title, Says = says };
    }

    private static string Says(List<CurveSummary> methods, Band band)
    {
        var (fewest, most) = (methods.Min(method => method.Seeds), methods.Max(method => method.Seeds));
        if (most == 1)
        {
            return "one seed for each method";
        }

        var spans = band == Band.LowestToHighest ? "lowest to highest seed" : "one standard deviation over seeds";
        return $"line: mean over {(fewest == most ? $"{most}" : $"{fewest} to {most}")} seeds; band: {spans}";
    }

    private static GenericChart LineOf(CurveSummary curve)
    {
        var epochs = Enumerable.Range(1, curve.Mean.Length).Select(epoch => (double)epoch);
        var color = Color.fromString(curve.Style.Color);
        var mode = curve.Mean.Length <= 30 ? StyleParam.Mode.Lines_Markers : StyleParam.Mode.Lines;
        return Chart.Scatter<double, double, string>(
                epochs, curve.Mean, mode, Name: ChartText.Escape(curve.Method), LineColor: color, LineWidth: 2.5,
                MarkerColor: color, UseDefaults: false)
            .With("line", new { color = curve.Style.Color, width = 2.5, dash = curve.Style.Dash })
            .With("marker", new { color = curve.Style.Color, size = 7, symbol = curve.Style.Symbol })
            .With("legendgroup", ChartText.Escape(curve.Method))
            .With("hovertemplate", "%{y:.4~g}");
    }

    private static string AltText(string title, string says, List<CurveSummary> methods) =>
        $"Line chart: {title} ({says}). Last epoch: "
        + string.Join(", ", methods.Select(method => $"{method.Method} {ChartText.Number(method.Mean[^1])}")) + ".";

    private static string Table(string metric, List<CurveSummary> methods) => TextColumns.Of(
    [
        ["method", "seeds", "epochs", $"last mean {metric}", "low", "high"],
        .. methods.Select(method => new[]
        {
            method.Method, $"{method.Seeds}", $"{method.Mean.Length}", ChartText.Number(method.Mean[^1]),
            ChartText.Number(method.Low[^1]), ChartText.Number(method.High[^1]),
        }),
    ]);
}
