using KdNotebooks.Interactive;

namespace KdNotebooks.Extensions.Tests.Interactive.Formatting;

public sealed class ScenePredictionsFormatterTests
{
    [Fact]
    public void Image_truth_and_each_run_stand_in_a_row_with_their_classes_in_words()
    {
        var html = Formatters.Format(Analyses.Scenes()).Data[MimeBundle.Html];

        string[] alts =
        [
            "image 7", "image 7, true classes: road, sky, ignored", "image 7, classes by mlp-1, seed 1: road",
            "image 7, classes by none, seed 1: sky",
        ];
        Assert.All(alts, alt => Assert.Contains($"alt=\"{alt}\"", html));
        Assert.Contains("<small>mIoU 25.00 %</small>", html);
        Assert.Contains("<small>no pixel is counted</small>", html);
        Assert.Contains("<th scope=\"col\">mlp-1, seed 1</th>", html);
    }

    [Fact]
    public void The_legend_names_the_classes_that_appear_and_no_other()
    {
        var html = Formatters.Format(Analyses.Scenes()).Data[MimeBundle.Html];

        Assert.All(new[] { "road", "sky", "ignored" }, name => Assert.Contains($">{name}</li>", html));
        Assert.DoesNotContain("bus", html);
    }

    [Fact]
    public void Small_images_are_enlarged_by_whole_pixels_and_large_ones_are_reduced()
    {
        Assert.Contains("width=\"192\" height=\"192\"", Formatters.Format(Analyses.Scenes()).Data[MimeBundle.Html]);

        var large = Formatters.Format(Analyses.Scenes(height: 1024, width: 2048)).Data;

        Assert.Contains("width=\"292\" height=\"146\"", large[MimeBundle.Html]);
        Assert.True(large.Values.Sum(text => text.Length) < 100_000);
    }

    [Fact]
    public void Text_and_picture_tell_the_same()
    {
        var bundle = Formatters.Format(Analyses.Scenes()).Data;

        Assert.Contains("image 7", bundle[MimeBundle.Text]);
        Assert.Contains("25.00", bundle[MimeBundle.Text]);
        Assert.Equal([0xFF, 0xD8, 0xFF], Convert.FromBase64String(bundle[MimeBundle.Jpeg])[..3]);
    }

    [Fact]
    public void Nothing_comes_over_the_network() =>
        Assert.DoesNotContain("http", Formatters.Format(Analyses.Scenes()).Data[MimeBundle.Html]);
}
