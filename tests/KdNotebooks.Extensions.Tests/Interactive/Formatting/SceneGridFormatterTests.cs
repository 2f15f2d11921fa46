using KdNotebooks.Interactive;

namespace KdNotebooks.Extensions.Tests.Interactive.Formatting;

public sealed class SceneGridFormatterTests
{
    [Fact]
    public void Each_image_stands_beside_itself_with_its_label_map()
    {
        var bundle = Formatters.Format(new SceneGrid(Analyses.Table(), [Analyses.Scene()], "One scene.")).Data;

        Assert.Contains("alt=\"image 0\"", bundle[MimeBundle.Html]);
        Assert.Contains("alt=\"image 0 with its label map: road, sky, ignored\"", bundle[MimeBundle.Html]);
        Assert.Contains(">One scene.</figcaption>", bundle[MimeBundle.Html]);
        Assert.Equal("One scene.\nimage 0: road, sky, ignored", bundle[MimeBundle.Text]);
        Assert.Contains(MimeBundle.Jpeg, bundle.Keys);
    }

    [Fact]
    public void No_image_is_said_in_words() =>
        Assert.Equal("None.", Formatters.Format(new SceneGrid(Analyses.Table(), [], "None.")).Data[MimeBundle.Text]);
}
