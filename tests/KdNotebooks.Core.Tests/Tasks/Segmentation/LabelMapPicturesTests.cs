using KdNotebooks.Data;
using KdNotebooks.Tasks;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Tests.Tasks.Segmentation;

public sealed class LabelMapPicturesTests
{
    private static readonly IPictures Pictures = new LabelMapPictures(LabelMapSamples.Table);

    private static readonly Sample Scene = LabelMap.Sample("x", 2, 2, new byte[12], [0, 0, 2, 255]);

    [Fact]
    public void Truth_and_guess_are_maps_with_the_names_of_their_classes()
    {
        var (truth, guess) = (Pictures.Truth(Scene), Pictures.Guess(Scene, new LabelMapPrediction([0, 1, 1, 1], 25)));
        Assert.Equal(("class 0, class 2, ignored", ""), (truth.Words, truth.Below));
        Assert.Equal(("class 0, class 1", "mIoU 25.00 %"), (guess.Words, guess.Below));
        Assert.Equal((2, 2, 3), (truth.Picture!.Width, truth.Picture.Height, truth.Picture.Channels));
        Assert.NotEqual(truth.Picture.Pixels, guess.Picture!.Pixels);
        Assert.Equal(
            "no pixel is counted", Pictures.Guess(Scene, new LabelMapPrediction([0, 0, 0, 0], double.NaN)).Below);
        Assert.Null(Pictures.IsRight(Scene, new LabelMapPrediction([0, 0, 2, 0], 100)));
    }

    [Fact]
    public void The_legend_names_what_is_shown_and_nothing_else()
    {
        var legend = Pictures.Legend([(Scene, [new LabelMapPrediction([0, 0, 3, 3], 10)])]);
        Assert.Equal(["class 0", "class 2", "class 3", "ignored"], legend.Select(entry => entry.Name));
        Assert.Equal(3, Pictures.Usual);
    }
}
