using KdNotebooks.Data;
using KdNotebooks.Tasks;
using KdNotebooks.Tasks.Classification;

namespace KdNotebooks.Tests.Tasks.Classification;

public sealed class ClassPicturesTests
{
    private static readonly ClassPictures Pictures = new(["coat", "bag"]);

    private static readonly Sample Gray = new(
        "x", 1, new ImageSize(2, 3), new byte[] { 1, 2, 3, 4, 5, 6 }, new ClassIndex(1));

    [Fact]
    public void An_image_is_shown_as_it_is()
    {
        var image = Pictures.Image(Gray);
        Assert.Equal((3, 2, 1), (image.Width, image.Height, image.Channels));
        Assert.Equal(Gray.Pixels.ToArray(), image.Pixels);
    }

    [Fact]
    public void A_color_image_comes_pixel_by_pixel()
    {
        var color = new Sample("x", 3, new ImageSize(1, 2), new byte[] { 1, 2, 3, 4, 5, 6 }, new ClassIndex(0));
        var image = Pictures.Image(color);
        Assert.Equal(3, image.Channels);
        Assert.Equal([1, 3, 5, 2, 4, 6], image.Pixels);
    }

    [Fact]
    public void Truth_and_guess_are_words_with_a_sign_for_right_and_wrong()
    {
        Assert.Equal(new Shown(null, "bag"), Pictures.Truth(Gray));
        Assert.Equal("✓ right (81\u00a0%)", Pictures.Guess(Gray, new ClassPrediction(1, 0.81f)).Words);
        Assert.Equal("✗ wrong: coat (60\u00a0%)", Pictures.Guess(Gray, new ClassPrediction(0, 0.6f)).Words);
        Assert.True(Pictures.IsRight(Gray, new ClassPrediction(1, 0.81f)));
        Assert.False(Pictures.IsRight(Gray, new ClassPrediction(0, 0.6f)));
    }

    [Fact]
    public void There_is_no_legend_and_all_are_kept()
    {
        IPictures pictures = Pictures;
        Assert.Empty(pictures.Legend([(Gray, [new ClassPrediction(1, 1)])]));
        Assert.Null(pictures.Usual);
        Assert.Equal("", pictures.Note);
    }
}
