using System.Text.Json.Nodes;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;

namespace KdNotebooks.Extensions.Tests.Interactive.Charts;

public sealed class AlphaChartTests
{
    [Fact]
    public void Each_term_has_its_weight_by_gradient_and_by_value()
    {
        var figure = AlphaChart.Draw(Analyses.Alpha());

        var traces = LearningCurvesChartTests.Traces(figure);
        Assert.Equal([10, 0.5], LearningCurvesChartTests.Numbers(traces[0]!, "x"));
        Assert.Equal([2, 0.2], LearningCurvesChartTests.Numbers(traces[1]!, "x"));
    }

    [Fact]
    public void Ticks_are_round_weights_around_the_points()
    {
        var axis = JsonNode.Parse(AlphaChart.Draw(Analyses.Alpha()).ToJson())!["layout"]!["xaxis"]!;

        Assert.Equal(
            ["0.1", "0.2", "0.5", "1", "2", "5", "10", "20"],
            axis["ticktext"]!.AsArray().Select(text => (string?)text));
    }

    [Fact]
    public void A_report_without_a_term_is_refused() =>
        Assert.Throws<KdException>(() => AlphaChart.Draw(new AlphaReport([], 1, 1)));
}
