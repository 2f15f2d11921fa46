using KdNotebooks.Interactive;

namespace KdNotebooks.Extensions.Tests.Interactive.Formatting;

public sealed class SampleGridFormatterTests
{
    [Fact]
    public void Each_image_stands_beside_itself_with_its_label_map()
    {
        var bundle = Formatters.Format(new SampleGrid(Analyses.Segmentation().Pictures, [Analyses.Scene()], "One scene.")).Data;

        Assert.Contains("alt=\"image 0\"", bundle[MimeBundle.Html]);
        Assert.Contains("alt=\"image 0 with its truth: road, sky, ignored\"", bundle[MimeBundle.Html]);
        Assert.Contains(">One scene.</figcaption>", bundle[MimeBundle.Html]);
        Assert.Equal("One scene.\nimage 0: road, sky, ignored", bundle[MimeBundle.Text]);
        Assert.Contains(MimeBundle.Jpeg, bundle.Keys);
    }

    [Fact]
    public void An_image_of_a_class_has_its_name_below_it()
    {
        var data = Analyses.Classification().Data;

        var bundle = Formatters.Format(SampleGrid.Of(data, "test", 3)).Data;

        Assert.Contains("coat", bundle[MimeBundle.Html]);
        Assert.Contains("bag", bundle[MimeBundle.Html]);
        Assert.Contains("The first of 3 images: few", bundle[MimeBundle.Html]);
        Assert.Contains(MimeBundle.Png, bundle.Keys);
    }

    [Fact]
    public void No_image_is_said_in_words() =>
        Assert.Equal("None.", Formatters.Format(
        new SampleGrid(Analyses.Segmentation().Pictures, [], "None.")).Data[MimeBundle.Text]);
}
