using KdNotebooks.Analysis;
using KdNotebooks.Interactive;
using KdNotebooks.Runtime;

namespace KdNotebooks.Extensions.Tests.Interactive.Formatting;

public sealed class PredictionGridFormatterTests
{
    [Fact]
    public void Wrong_predictions_are_marked_by_a_sign_and_a_word()
    {
        var html = Formatters.Format(Analyses.Predictions()).Data[MimeBundle.Html];

        Assert.Contains("✗ wrong: bag", html);
        Assert.Contains("the first 1 that were not", html);
        Assert.Contains("image 1<", html);
    }

    [Fact]
    public void Of_two_students_those_images_are_shown_in_which_they_differ()
    {
        var pair = new PredictionPair(
            Analyses.Predictions(run: "none, seed 1", classes: [1, 0, 1]), Analyses.Predictions());

        var html = Formatters.Format(pair).Data[MimeBundle.Html];

        Assert.Equal((0, 1), (pair.Gained.Single(), pair.Lost.Single()));
        Assert.Contains("Gained: only mlp-1, seed 1 is right", html);
        Assert.Contains("<small>none, seed 1</small><br>✗ wrong: bag", html);
        Assert.Contains("<small>mlp-1, seed 1</small><br>✓ right", html);
    }

    [Fact]
    public void Predictions_that_are_right_by_degrees_stand_in_a_table_with_the_truth()
    {
        var bundle = Formatters.Format(Analyses.ScenePredictions()).Data;

        var html = bundle[MimeBundle.Html];
        Assert.Contains("<b>mlp-1, seed 1: mIoU 25.00 % on 1 test images</b>", html);
        Assert.Contains("alt=\"image 0, truth: road, sky, ignored\"", html);
        Assert.Contains("alt=\"image 0, by mlp-1, seed 1: road\"", html);
        Assert.Contains("<small>mIoU 25.00 %</small>", html);
        Assert.Contains(">sky</li>", html);
        Assert.DoesNotContain("right", html[html.IndexOf("</style>", StringComparison.Ordinal)..]);
        Assert.StartsWith("mlp-1, seed 1: mIoU 25.00 % on 1 test images\n", bundle[MimeBundle.Text]);
        Assert.Contains("road, sky, ignored", bundle[MimeBundle.Text]);
        Assert.Contains(MimeBundle.Jpeg, bundle.Keys);
    }

    [Fact]
    public void Two_students_whose_predictions_are_right_by_degrees_stand_side_by_side()
    {
        var pair = new PredictionPair(
            Analyses.ScenePredictions(run: "none, seed 1"), Analyses.ScenePredictions());

        var html = Formatters.Format(pair).Data[MimeBundle.Html];

        Assert.False(pair.Decided);
        Assert.Equal((0, 0), (pair.Gained.Count, pair.Lost.Count));
        Assert.Contains(
            "<th scope=\"col\">truth</th><th scope=\"col\">none, seed 1</th><th scope=\"col\">mlp-1, seed 1</th>", html);
    }

    [Fact]
    public void Students_that_saw_other_images_cannot_be_compared()
    {
        var other = Analyses.Predictions();
        var fewer = other with { Images = [0, 1], Items = [.. other.Items.Take(2)] };

        Assert.Throws<KdException>(() => new PredictionPair(other, fewer));
    }
}
