using System.Text.Json.Nodes;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Results;
using KdNotebooks.Runtime;

namespace KdNotebooks.Extensions.Tests.Interactive.Charts;

public sealed class LearningCurvesChartTests
{
    [Fact]
    public void The_line_is_the_mean_and_the_band_reaches_from_lowest_to_highest()
    {
        var traces = Traces(LearningCurvesChart.Draw(Samples.Curves()));

        Assert.Equal([62.0, 72, 82, 80, 70, 60], Numbers(traces[0]!, "y"));
        Assert.Equal([61.0, 71, 81], Numbers(traces[2]!, "y"));
        Assert.Equal([1.0, 2, 3], Numbers(traces[2]!, "x"));
        Assert.Equal("none", (string?)traces[2]!["name"]);
    }

    [Fact]
    public void The_figure_says_what_line_and_band_are()
    {
        Assert.Equal(
            "line: mean over 2 seeds; band: lowest to highest seed", LearningCurvesChart.Draw(Samples.Curves()).Says);
        Assert.EndsWith(
            "one standard deviation over seeds",
            LearningCurvesChart.Draw(Samples.Curves(), Band.StandardDeviation).Says);
    }

    [Fact]
    public void One_seed_has_no_band()
    {
        var figure = LearningCurvesChart.Draw(new("loss", "train", [new("a", 1, [3, 2, 1])]));

        Assert.Single(Traces(figure));
        Assert.Equal("one seed for each method", figure.Says);
    }

    [Fact]
    public void A_run_that_diverged_leaves_a_gap_instead_of_being_averaged_away()
    {
        var figure = LearningCurvesChart.Draw(
            new("loss", "train", [new("a", 1, [3, 2]), new("a", 2, [3, double.NaN])]));

        Assert.Null(Traces(figure)[1]!["y"]![1]);
        Assert.Equal(3, (double)Traces(figure)[1]!["y"]![0]!);
        Assert.DoesNotContain("NaN", figure.ToJson());
        Assert.Contains("n/a", figure.Table);
    }

    [Fact]
    public void Axes_are_labelled_with_units()
    {
        var layout = JsonNode.Parse(LearningCurvesChart.Draw(Samples.Curves()).ToJson())!["layout"]!;

        Assert.Equal("epoch", (string?)layout["xaxis"]!["title"]!["text"]);
        Assert.Equal("accuracy (%)", (string?)layout["yaxis"]!["title"]!["text"]);
    }

    [Fact]
    public void A_hostile_method_name_is_text_to_plotly()
    {
        var traces = Traces(LearningCurvesChart.Draw(Samples.Curves(Samples.Hostile)));

        Assert.Contains("&lt;script&gt;", (string?)traces[3]!["name"]);
    }

    [Fact]
    public void Curves_without_a_value_are_refused() =>
        Assert.Throws<KdException>(() =>
            LearningCurvesChart.Draw(new LearningCurves("loss", "train", [new("a", 1, [])])));

    internal static JsonArray Traces(Figure figure) => JsonNode.Parse(figure.ToJson())!["data"]!.AsArray();

    internal static List<double> Numbers(JsonNode trace, string axis) =>
        [.. trace[axis]!.AsArray().Select(n => (double)n!)];
}
