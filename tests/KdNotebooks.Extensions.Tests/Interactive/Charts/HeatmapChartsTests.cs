using System.Text.Json.Nodes;
using KdNotebooks.Interactive;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Metrics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Extensions.Tests.Interactive.Charts;

public sealed class HeatmapChartsTests
{
    [Fact]
    public void A_confusion_matrix_is_colored_by_the_share_of_the_class_and_says_how_many()
    {
        var trace = LearningCurvesChartTests.Traces(ConfusionChart.Draw(Analyses.Confusion(), "mlp-1"))[0]!;

        Assert.Equal(66.6667, (double)trace["z"]![0]![0]!);
        Assert.Equal("67<br>(2)", (string?)trace["text"]![0]![0]);
        Assert.Equal("", (string?)trace["text"]![1]![0]);
    }

    [Fact]
    public void A_confusion_matrix_tells_what_was_mistaken_most() => Assert.Contains(
        "75.00 % of 4 images recognized. Most often mistaken: coat for bag, 1 image.",
        ConfusionChart.Draw(Analyses.Confusion()).AltText);

    [Fact]
    public void A_confusion_matrix_of_pixels_says_so_in_numbers_that_fit_their_cells()
    {
        using var scope = torch.NewDisposeScope();
        var counts = new MeanIou(3);
        counts.Add(torch.ones(1, 1200, 1000, dtype: torch.int64), torch.zeros(1, 1200, 1000, dtype: torch.int64));
        counts.Add(torch.ones(1, 30, 40, dtype: torch.int64), torch.ones(1, 30, 40, dtype: torch.int64));
        var matrix = counts.Confusion(["road", "sky", "bus"]);

        var figure = ConfusionChart.Draw(matrix.Plus(matrix));

        var text = LearningCurvesChartTests.Traces(figure)[0]!["text"]!;
        Assert.Equal("100<br>(2.4\u00a0M)", (string?)text[0]![1]);
        Assert.Equal("100<br>(2,400)", (string?)text[1]![1]);
        Assert.Contains("share of the class’s pixels", figure.Says);
        Assert.Contains(
            "0.10 % of 2,402,400 pixels recognized. Most often mistaken: road for sky, 2,400,000 pixels.", figure.AltText);
        Assert.EndsWith("n/a", matrix.ToString().TrimEnd()); // there is no bus
    }

    [Fact]
    public void A_matrix_without_images_is_refused() =>
        Assert.Throws<KdException>(() => ConfusionChart.Draw(new ConfusionMatrix(["a", "b"])));

    [Fact]
    public void The_class_that_gained_most_is_on_top()
    {
        var layout = JsonNode.Parse(ClassChangeChart.Draw(Analyses.Change()).ToJson())!["layout"]!;

        Assert.Equal("coat\u2002", (string?)layout["yaxis"]!["ticktext"]![0]);
        Assert.True((double)layout["xaxis"]!["range"]![0]! < 0);
    }

    [Fact]
    public void A_change_of_IoU_says_so_and_names_absent_classes_in_place_of_empty_rows()
    {
        var figure = ClassChangeChart.Draw(Analyses.IouChange());

        var layout = JsonNode.Parse(figure.ToJson())!["layout"]!;
        Assert.Equal("IoU of the class: difference to none (percentage points)",
            (string?)layout["xaxis"]!["title"]!["text"]);
        Assert.Equal(["road\u2002", "sky 2\u2002"],
            layout["yaxis"]!["ticktext"]!.AsArray().Select(text => (string?)text).Order());
        Assert.Contains("not compared, for lack of pixels or images: sky", figure.Says);
        Assert.Contains("Not compared: sky.", figure.AltText);
    }

    [Fact]
    public void Correlations_before_and_after_share_one_scale()
    {
        var traces = LearningCurvesChartTests.Traces(CorrelationChart.Draw(Analyses.Match(), Analyses.Match("other")));

        Assert.Equal(["x", "x2", "x3", "x4"], traces.Select(trace => (string?)trace!["xaxis"]));
        Assert.All(traces, trace => Assert.Equal((-1.0, 1.0), ((double)trace!["zmin"]!, (double)trace["zmax"]!)));
        Assert.Single(traces, trace => (bool)trace!["showscale"]!);
    }

    [Fact]
    public void Correlations_of_all_connections_of_a_run_are_one_figure() => Assert.Contains(
        MimeBundle.Plotly, Formatters.Format(new[] { Analyses.Match(), Analyses.Match() }).Data.Keys);

    [Fact]
    public void CKA_has_a_number_in_each_cell_and_tells_the_best_of_each_layer()
    {
        var figure = CkaChart.Draw(Analyses.Cka());

        Assert.Equal("0.75", (string?)LearningCurvesChartTests.Traces(figure)[0]!["text"]![0]![2]);
        Assert.Contains("layer1 is most like output 0.75", figure.AltText);
    }
}
