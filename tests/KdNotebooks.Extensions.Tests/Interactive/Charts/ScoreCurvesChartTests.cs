using System.Text.Json.Nodes;
using KdNotebooks.Interactive.Charts;

namespace KdNotebooks.Extensions.Tests.Interactive.Charts;

public sealed class ScoreCurvesChartTests
{
    [Fact]
    public void Each_curve_has_a_panel_with_one_line_a_method_and_a_band_where_there_are_seeds()
    {
        var traces = LearningCurvesChartTests.Traces(ScoreCurvesChart.Draw(Analyses.Curves()));

        // A panel: the band of `none`, then the two lines.
        Assert.Equal(["x", "x", "x", "x2", "x2", "x2"], traces.Select(trace => (string?)trace!["xaxis"]));
        Assert.Equal("toself", (string?)traces[3]!["fill"]);
        Assert.Equal(
            [true, true, false, false], new[] { 1, 2, 4, 5 }.Select(i => (bool?)traces[i]!["showlegend"] ?? true));
        Assert.Equal([0.5, 0.25, 0], traces[4]!["y"]!.AsArray().Select(y => (double)y!));
        Assert.Null(traces[5]!["y"]![2]); // a gap, no text
    }

    [Fact]
    public void Lines_differ_in_more_than_their_color()
    {
        var traces = LearningCurvesChartTests.Traces(ScoreCurvesChart.Draw(Analyses.Curves()));

        Assert.NotEqual((string?)traces[1]!["line"]!["dash"], (string?)traces[2]!["line"]!["dash"]);
    }

    [Fact]
    public void Both_panels_share_the_scale_and_say_which_they_are()
    {
        var figure = ScoreCurvesChart.Draw(Analyses.Curves("<b>"));
        var layout = JsonNode.Parse(figure.ToJson())!["layout"]!;

        Assert.Equal("y", (string?)layout["yaxis2"]!["matches"]);
        Assert.Equal(["IoU 0.50", "IoU 0.75"], layout["annotations"]!.AsArray().Select(text => (string?)text!["text"]));
        Assert.Equal("Precision at recall (test)", figure.Title);
        Assert.Contains("IoU 0.50: precision at recall", figure.Table);
        Assert.DoesNotContain("<b>", LearningCurvesChartTests.Traces(figure)[1]!["name"]!.ToString());
    }
}
