using KdNotebooks.Interactive;
using KdNotebooks.Interactive.Formatting;
using KdNotebooks.Tasks;
using SkiaSharp;

namespace KdNotebooks.Extensions.Tests.Interactive.Formatting;

public sealed class ImageGridFormatterTests
{
    [Fact]
    public void Each_image_is_enlarged_without_blurring()
    {
        using var picture = SKBitmap.Decode(Pictures.Encode(Samples.Images().Images[0], scale: 0));

        Assert.Equal((6, 6), (picture.Width, picture.Height));
        Assert.Equal(new SKColor(0, 0, 0), picture.GetPixel(2, 2));
        Assert.Equal(new SKColor(100, 100, 100), picture.GetPixel(3, 2));
        Assert.Equal(new SKColor(255, 255, 255), picture.GetPixel(3, 3));
    }

    [Fact]
    public void Colors_keep_their_places()
    {
        using var picture = SKBitmap.Decode(Pictures.Encode(Samples.Images().Images[1], scale: 1));

        Assert.Equal(new SKColor(255, 0, 0), picture.GetPixel(0, 0));
        Assert.Equal(new SKColor(0, 255, 0), picture.GetPixel(1, 0));
    }

    [Fact]
    public void The_sheet_holds_all_images_in_rows()
    {
        var bundle = Formatters.Format(Samples.Images() with { Columns = 1 });

        using var sheet = SKBitmap.Decode(Convert.FromBase64String(bundle.Data[MimeBundle.Png]));
        Assert.Equal((6, 18), (sheet.Width, sheet.Height));
        Assert.Equal(new SKColor(255, 0, 0), sheet.GetPixel(0, 12));
    }

    [Fact]
    public void Labels_and_caption_are_escaped()
    {
        var grid = Samples.Images(Samples.Hostile) with { Caption = Samples.Hostile };

        var html = Formatters.Format(grid).Data[MimeBundle.Html];

        Assert.DoesNotContain("<script", html);
        Assert.Contains("<figcaption>&lt;script&gt;", html);
    }

    [Fact]
    public void An_empty_grid_is_text() =>
        Assert.Equal("0 images", Formatters.Format(new ImageGrid([])).Data[MimeBundle.Text]);

    [Fact]
    public void More_than_can_be_shown_is_said()
    {
        var image = new GridImage([0], 1, 1);

        var bundle = Formatters.Format(new ImageGrid([.. Enumerable.Repeat(image, 300)]));

        Assert.Contains("300 images of 1 x 1 pixels; 44 are not shown", bundle.Data[MimeBundle.Text]);
        Assert.Contains("44 are not shown", bundle.Data[MimeBundle.Html]);
    }
}
