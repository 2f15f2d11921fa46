using KdNotebooks.Interactive;

namespace KdNotebooks.Extensions.Tests.Interactive.Formatting;

public sealed class PredictionTableFormatterTests
{
    [Fact]
    public void Image_truth_and_each_run_stand_in_a_row_with_their_classes_in_words()
    {
        var html = Formatters.Format(Analyses.Scenes()).Data[MimeBundle.Html];

        string[] alts =
        [
            "image 7", "image 7, truth: road, sky, ignored", "image 7, by mlp-1, seed 1: road",
            "image 7, by none, seed 1: sky",
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
    public void Of_classes_words_stand_in_the_row_in_the_place_of_pictures()
    {
        var bundle = Formatters.Format(Analyses.Labeled()).Data;

        var html = bundle[MimeBundle.Html];
        Assert.Contains("alt=\"image 2\"", html);
        Assert.DoesNotContain("alt=\"image 2, ", html);
        Assert.Contains(
            "<td class=\"kd-words\"><small>bag</small></td><td class=\"kd-words\"><small>✓ right (80&#xA0;%)</small></td>"
            + "<td class=\"kd-words\"><small>✗ wrong: coat (60&#xA0;%)</small></td>", html);
        Assert.Contains("width=\"112\" height=\"112\"", html);
        Assert.DoesNotContain("kd-swatches\"", html);
        Assert.DoesNotContain("IoU", html);
        Assert.Contains("✗ wrong: coat", bundle[MimeBundle.Text]);
    }

    [Fact]
    public void Nothing_comes_over_the_network() =>
        Assert.DoesNotContain("http", Formatters.Format(Analyses.Scenes()).Data[MimeBundle.Html]);
}
