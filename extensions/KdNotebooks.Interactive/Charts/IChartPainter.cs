using KdNotebooks.Analysis;
using KdNotebooks.Metrics;
using KdNotebooks.Results;
using KdNotebooks.Runs;

namespace KdNotebooks.Interactive.Charts;

/// <summary>What draws: the one side of the charts that knows Plotly.NET. One method a chart.</summary>
/// <remarks>
/// KdNotebooks.Charts implements it. Only types of the core and of this assembly cross it, since the implementation may
/// live in a load context of its own; see <see cref="ChartLibrary"/>.
/// </remarks>
internal interface IChartPainter
{
    Figure LearningCurves(LearningCurves curves, Band band);

    Figure Differences(ResultTable table, Measurement what);

    Figure Ablation(ResultTable table, Measurement what);

    Figure Comparison(ResultTable table, double? teacher, Measurement what);

    Figure Alpha(AlphaReport report);

    /// <param name="of">Whose predictions; may be empty.</param>
    Figure Confusion(ConfusionMatrix matrix, string of);

    Figure ClassChange(ClassChange change);

    Figure ScoreCurves(ScoreCurves curves);

    Figure Correlation(IReadOnlyList<ChannelMatch> matches);

    Figure Cka(CkaTable table);

    /// <summary>A chart that a cell made with Plotly.NET itself.</summary>
    Figure OfGenericChart(object chart);

    /// <summary>plotly.js as Plotly.NET carries it.</summary>
    string PlotlyJs();
}
