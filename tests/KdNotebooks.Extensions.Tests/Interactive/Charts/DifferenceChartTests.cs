using System.Text.Json.Nodes;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Results;
using KdNotebooks.Runtime;

namespace KdNotebooks.Extensions.Tests.Interactive.Charts;

public sealed class DifferenceChartTests
{
    [Fact]
    public void Each_method_has_its_points_its_mean_and_its_interval()
    {
        var traces = LearningCurvesChartTests.Traces(DifferenceChart.Draw(Samples.Table()));

        Assert.Equal(4, traces.Count);
        Assert.Equal([1.8, 2.0, 2.2], LearningCurvesChartTests.Numbers(traces[2]!, "x").Select(x => Math.Round(x, 6)));
        Assert.Equal(2.0, LearningCurvesChartTests.Numbers(traces[3]!, "x").Single(), 6);
        // Student's t with 2 degrees of freedom at 1 - 0.025 / 2, of two methods: 6.205347 * 0.2 / sqrt(3)
        Assert.Equal(0.716532, (double)traces[3]!["error_x"]!["array"]![0]!, 5);
    }

    [Fact]
    public void The_figure_says_what_its_bars_are_and_its_numbers_hold_both_intervals()
    {
        var figure = DifferenceChart.Draw(Samples.Table());

        Assert.Contains("bar: simultaneous 95 % interval, all 2 methods at once", figure.Says);
        Assert.Contains("mlp          +2.00  [+1.50, +2.50]  [+1.28, +2.72]  higher", figure.Table);
        Assert.Contains("mlp +2.00 [+1.28, +2.72].", figure.AltText);
    }

    [Fact]
    public void Zero_is_in_sight_and_marked()
    {
        var axis = JsonNode.Parse(DifferenceChart.Draw(Samples.Table()).ToJson())!["layout"]!["xaxis"]!;

        Assert.True((double)axis["range"]![0]! < 0);
        Assert.True((bool)axis["zeroline"]!);
        Assert.Equal("difference to none (percentage points)", (string?)axis["title"]!["text"]);
    }

    [Fact]
    public void One_pair_has_a_mean_but_no_interval()
    {
        var table = new ResultTable([new("none", 1, "loss", 2, "test"), new("mlp", 1, "loss", 1, "test")], "none");

        var traces = LearningCurvesChartTests.Traces(DifferenceChart.Draw(table, "loss"));

        Assert.Null(traces[1]!["error_x"]);
        Assert.Equal([-1.0], LearningCurvesChartTests.Numbers(traces[1]!, "x"));
    }

    [Fact]
    public void Methods_that_cannot_be_paired_are_refused()
    {
        var table = new ResultTable(
            [new("none", 1, "accuracy", 2, "test"), new("mlp", 2, "accuracy", 1, "test")], "none");

        Assert.Contains("shares a seed", Assert.Throws<KdException>(() => DifferenceChart.Draw(table)).Message);
    }
}
