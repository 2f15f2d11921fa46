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
    public void Students_that_saw_other_images_cannot_be_compared()
    {
        var other = Analyses.Predictions();
        var fewer = other with { Images = other.Images.Take(2) };

        Assert.Throws<KdException>(() => new PredictionPair(other, fewer));
    }
}
