using KdNotebooks.Data;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Tests.Tasks.Segmentation;

public sealed class LabelOverlayTests
{
    private static readonly LabelTable Table = new(
        "few", new LabelRow(0, "road", 0, 0x804080), new LabelRow(1, "sky", 1, 0x4682B4), new LabelRow(2, "bus", 2, 0x3C64));

    [Fact]
    public void The_image_shows_through_the_color_of_its_class_and_less_on_the_border()
    {
        var scene = Scene();

        var pixels = new LabelOverlay(Table, scene).Of(LabelMap.Of(scene).Labels).Pixels;

        Assert.Equal([117, 78, 117], pixels[..3]); // 0.4 of gray 100, 0.6 of 804080
        Assert.Equal([127, 66, 127], pixels[3..6]); // 0.05 of gray, beside the other class
    }

    [Fact]
    public void No_color_of_the_image_is_taken_for_one_of_a_class()
    {
        var red = LabelMap.Sample("red", 1, 2, new byte[] { 200, 200, 0, 0, 0, 0 }, new byte[2]);

        var pixels = new LabelOverlay(Table, red).Of(LabelMap.Of(red).Labels).Pixels;

        Assert.Equal([101, 62, 101], pixels[..3]); // 0.4 of its luma 59.8, 0.6 of 804080
    }

    [Fact]
    public void Ignored_pixels_are_grey()
    {
        var pixels = new LabelOverlay(Table, Scene()).Of(Enumerable.Repeat((byte)255, 16).ToArray());

        Assert.All(pixels.Pixels.Chunk(3), pixel => Assert.Single(pixel.Distinct()));
        Assert.Equal(2, pixels.Pixels.Distinct().Count()); // stripes
    }

    [Fact]
    public void A_pixel_of_a_reduced_image_is_the_mean_of_a_square_and_has_the_label_of_its_middle()
    {
        const int Width = 642, Size = 3 * Width; // a third of it is below 320
        var (image, labels) = (new byte[3 * Size], new byte[Size]);
        image[0] = image[Size] = image[2 * Size] = 90; // one of nine pixels, in all channels
        labels[Width + 1] = 1;
        var overlay = new LabelOverlay(Table, LabelMap.Sample("wide", 3, Width, image, labels));

        Assert.Equal((214, 1), (overlay.Image.Width, overlay.Image.Height));
        Assert.Equal([10, 10, 10, 0], overlay.Image.Pixels[..4]);
        Assert.Equal([67, 124, 172], overlay.Of(labels).Pixels[..3]); // 0.05 of 10, 0.95 of 4682B4
    }

    [Fact]
    public void A_strip_that_is_too_long_to_be_shown_is_refused_by_its_name() => Assert.Contains(
        "strip: 900x1 pixels",
        Assert.Throws<KdException>(() => new LabelOverlay(Table, Scene(1, 900, "strip"))).Message);

    // Gray; its left half is class 0, its right half 1, and the last pixel is ignored.
    private static Sample Scene(int height = 4, int width = 4, string name = "scene") => LabelMap.Sample(
        name, height, width, Enumerable.Repeat((byte)100, 3 * height * width).ToArray(),
        [.. Enumerable.Range(0, height * width).Select(i =>
            i == (height * width) - 1 ? (byte)255 : (byte)(i % width < width / 2 ? 0 : 1))]);
}
