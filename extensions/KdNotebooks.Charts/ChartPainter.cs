using KdNotebooks.Analysis;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Metrics;
using KdNotebooks.Results;
using KdNotebooks.Runs;
using Plotly.NET;

namespace KdNotebooks.Charts;

/// <summary>Draws with Plotly.NET; made by <see cref="ChartLibrary"/>. One line a chart.</summary>
internal sealed class ChartPainter : IChartPainter
{
    public Figure LearningCurves(LearningCurves curves, Band band) => LearningCurvesPainter.Draw(curves, band);

    public Figure Differences(ResultTable table, Measurement what) => DifferencePainter.Draw(table, what);

    public Figure Ablation(ResultTable table, Measurement what) => AblationPainter.Draw(table, what);

    public Figure Comparison(ResultTable table, double? teacher, Measurement what) =>
        ComparisonPainter.Draw(table, teacher, what);

    public Figure Alpha(AlphaReport report) => AlphaPainter.Draw(report);

    public Figure Confusion(ConfusionMatrix matrix, string of) => ConfusionPainter.Draw(matrix, of);

    public Figure ClassChange(ClassChange change) => ClassChangePainter.Draw(change);

    public Figure ScoreCurves(ScoreCurves curves) => ScoreCurvesPainter.Draw(curves);

    public Figure Correlation(IReadOnlyList<ChannelMatch> matches) => CorrelationPainter.Draw(matches);

    public Figure Cka(CkaTable table) => CkaPainter.Draw(table);

    public Figure OfGenericChart(object chart)
    {
        var own = (GenericChart)chart;
        var text = $"Plotly chart of {ChartText.Count(GenericChart.countTrace(own), "trace")}";
        return ChartFrame.ToFigure(own, text, text);
    }

    public string PlotlyJs()
    {
        var assembly = typeof(Layout).Assembly;
        var name = assembly.GetManifestResourceNames().Single(name =>
            name.Contains(".plotly-", StringComparison.Ordinal) && name.EndsWith(".js", StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
