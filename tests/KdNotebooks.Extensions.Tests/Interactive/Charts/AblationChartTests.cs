using System.Text.Json.Nodes;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Results;
using KdNotebooks.Runtime;

namespace KdNotebooks.Extensions.Tests.Interactive.Charts;

public sealed class AblationChartTests
{
    [Fact]
    public void Variants_stand_in_their_order_with_a_line_a_seed_and_the_means_last()
    {
        var figure = AblationChart.Draw(Samples.Table());

        var traces = LearningCurvesChartTests.Traces(figure);
        Assert.Equal(["seed 1", "seed 2", "seed 3", "mean"], traces.Select(trace => (string?)trace!["name"]));
        Assert.Equal([81.0, 82, 83], LearningCurvesChartTests.Numbers(traces[3]!, "y").Select(y => Math.Round(y, 3)));
        Assert.Equal(["none", "linear", "mlp"], Axis(figure)["ticktext"]!.AsArray().Select(text => (string?)text));
        // Student's t with 2 degrees of freedom over 80, 81, 82: 4.302653 * 1 / sqrt(3)
        Assert.Equal(2.484138, (double)traces[3]!["error_y"]!["array"]![0]!, 5);
    }

    [Fact]
    public void Names_that_end_in_numbers_are_an_axis_and_the_baseline_is_a_line()
    {
        var figure = AblationChart.Draw(Of("none", "mlp-0", "mlp-1", "mlp-3"));

        Assert.Equal([0.0, 1, 3], LearningCurvesChartTests.Numbers(LearningCurvesChartTests.Traces(figure)[1]!, "x"));
        Assert.Equal("mlp", (string?)Axis(figure)["title"]!["text"]);
        Assert.Equal("linear", (string?)Axis(figure)["type"]);
        Assert.Single(JsonNode.Parse(figure.ToJson())!["layout"]!["shapes"]!.AsArray());
        Assert.EndsWith("dashed: none", figure.Says);
    }

    [Fact]
    public void Weights_over_decades_are_logarithmic() =>
        Assert.Equal("log", (string?)Axis(AblationChart.Draw(Of("none", "alpha 0.1", "alpha 1", "alpha 5")))["type"]);

    [Theory]
    [InlineData("linear", "mlp-1", "mlp-2")]
    [InlineData("mlp-1", "mlp-1 h64", "mlp-2")]
    public void Names_of_other_kinds_are_categories(params string[] names) =>
        Assert.Equal("none", (string?)Axis(AblationChart.Draw(Of(["none", .. names])))["ticktext"]![0]);

    [Fact]
    public void What_was_not_measured_is_refused() => Assert.Contains(
        "Test accuracy (%), last epoch",
        Assert.Throws<KdException>(() => AblationChart.Draw(Samples.Table(), "loss")).Message);

    private static JsonNode Axis(Figure figure) => JsonNode.Parse(figure.ToJson())!["layout"]!["xaxis"]!;

    private static ResultTable Of(params string[] methods) => new(
        methods.Select((method, i) => new ResultRow(method, 1, "accuracy", 80 + i, "test")), methods[0]);
}
