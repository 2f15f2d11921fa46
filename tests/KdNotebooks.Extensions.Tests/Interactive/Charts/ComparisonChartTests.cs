using System.Text.Json.Nodes;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Results;

namespace KdNotebooks.Extensions.Tests.Interactive.Charts;

public sealed class ComparisonChartTests
{
    [Fact]
    public void The_best_is_on_top_with_lines_at_baseline_and_teacher()
    {
        var layout = Layout(ComparisonChart.Draw(Samples.Table(), teacher: 90));

        Assert.Equal(["mlp", "linear", "none"], Names(layout));
        Assert.Equal([81.0, 90], layout["shapes"]!.AsArray().Select(line => (double)line!["x0"]!));
        Assert.True((double)layout["xaxis"]!["range"]![1]! > 90);
    }

    // Two seeds give an interval of twelve times their spread.
    [Fact]
    public void An_interval_that_would_hide_the_points_is_cut_and_the_figure_says_so()
    {
        var table = new ResultTable(
            [new("none", 1, "accuracy", 60, "test"), new("none", 2, "accuracy", 90, "test")], "none");

        var figure = ComparisonChart.Draw(table);

        Assert.EndsWith("bars at the edge go on beyond it", figure.Says);
        Assert.All(
            ((string?)Layout(figure)["title"]!["text"])!.Split("<br>")[1..],
            line => Assert.InRange(line.Length, 1, 140));
        Assert.Equal(102, (double)Layout(figure)["xaxis"]!["range"]![1]!);
    }

    [Fact]
    public void Of_a_loss_the_lowest_is_best()
    {
        var table = new ResultTable(
            [new("none", 1, "loss", 2, "test"), new("mlp", 1, "loss", 1, "test")], "none");

        Assert.Equal(["mlp", "none"], Names(Layout(ComparisonChart.Draw(table, metric: "loss"))));
    }

    [Fact]
    public void A_method_that_failed_stands_last()
    {
        var table = new ResultTable(
            [new("bad", 1, "accuracy", double.NaN, "test"), new("none", 1, "accuracy", 1, "test")], "none");

        Assert.Equal(["none", "bad"], Names(Layout(ComparisonChart.Draw(table))));
    }

    [Fact]
    public void An_experiment_brings_its_teacher() =>
        Assert.Contains("teacher: 91.00", ComparisonChart.Draw(Analyses.Experiment()).Table);

    private static JsonNode Layout(Figure figure) => JsonNode.Parse(figure.ToJson())!["layout"]!;

    private static IEnumerable<string> Names(JsonNode layout) =>
        layout["yaxis"]!["ticktext"]!.AsArray().Select(name => ((string?)name)!.Trim('\u2002'));
}
