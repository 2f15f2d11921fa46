using KdNotebooks.Data;
using KdNotebooks.Masks;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Data;

public sealed class ImageWindowTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    // libtorch resizes with the same convention: align_corners false.
    [Theory]
    [InlineData(7, 9, 14, 11)]
    [InlineData(8, 6, 5, 6)]
    [InlineData(5, 5, 5, 5)]
    [InlineData(3, 4, 31, 40)]
    public void A_whole_resized_image_is_what_libtorch_interpolates(int height, int width, int newHeight, int newWidth)
    {
        var image = Enumerable.Range(0, 3 * height * width).Select(i => (byte)(i * i * 31)).ToArray();
        var window = new ImageWindow(
            SampleAxis.Of(height, newHeight, 0, newHeight, false), SampleAxis.Of(width, newWidth, 0, newWidth, false));

        var expected = nn.functional.interpolate(
            torch.tensor(image).view(1, 3, height, width).to(torch.float64), [newHeight, newWidth],
            mode: torch.InterpolationMode.Bilinear, align_corners: false).flatten().data<double>().ToArray();

        Assert.All(Image(window, image, [0, 0, 0]).Zip(expected), pair => Assert.True(
            Math.Abs(pair.First - pair.Second) <= 0.5001, $"{pair}"));
    }

    [Fact]
    public void A_crop_is_a_part_of_the_whole_and_a_mirror_image_its_reverse()
    {
        var map = Enumerable.Range(0, 60).Select(i => (byte)i).ToArray(); // 6x10
        byte[] Of(int start, int count, bool mirrored) => new ImageWindow(
            SampleAxis.Of(6, 9, 2, 3, false), SampleAxis.Of(10, 15, start, count, mirrored)).Nearest(map, 255);
        var whole = Of(0, 15, false).Chunk(15).ToArray();
        Assert.Equal(whole.SelectMany(line => line[4..11]), Of(4, 7, false));
        Assert.Equal(whole.SelectMany(line => line[4..11].Reverse()), Of(4, 7, true));
        Assert.Equal(whole.SelectMany(line => line.Reverse().Concat([(byte)255, (byte)255])), Of(0, 17, true));
    }

    [Theory]
    [InlineData(9, 15, 2, 4, false)]
    [InlineData(6, 10, 0, 0, true)]
    [InlineData(11, 7, 8, 3, true)]
    public void A_mask_moves_as_a_map_does(int height, int width, int top, int left, bool mirrored)
    {
        var map = Enumerable.Range(0, 60).Select(i => (byte)(i * i % 7 < 3 ? 1 : 0)).ToArray(); // 6x10
        var window = ImageWindow.Crop(
            new ImageSize(6, 10), new ImageSize(height, width), top, left, new ImageSize(5, 8), mirrored);
        var mask = RunLength.OfBitmap(map, 6, 10);
        Assert.Equal(window.Nearest(map, 0), window.Nearest(mask).ToBitmap());
        Assert.Contains("10x6", Assert.Throws<KdException>(() => window.Nearest(RunLength.Empty(5, 10))).Message);
    }

    [Fact]
    public void The_same_size_changes_nothing()
    {
        var image = Enumerable.Range(0, 3 * 12).Select(i => (byte)(i * 7)).ToArray();
        var window = new ImageWindow(SampleAxis.Of(3, 3, 0, 3, false), SampleAxis.Of(4, 4, 0, 4, false));
        Assert.Equal(image, Image(window, image, [9, 9, 9]));
        Assert.Equal(image[..12], window.Nearest(image.AsSpan(0, 12), 9));
    }

    [Fact]
    public void A_shift_shows_what_lies_there_and_mirrors_afterwards()
    {
        byte[] map = [1, 2, 3, 4, 5, 6]; // 2x3
        byte[] Of(int down, int right, bool mirrored) =>
            ImageWindow.Shifted(new ImageSize(2, 3), down, right, mirrored).Nearest(map, 255);
        Assert.Equal([1, 2, 3, 4, 5, 6], Of(0, 0, false));
        Assert.Equal([3, 2, 1, 6, 5, 4], Of(0, 0, true));
        Assert.Equal([5, 6, 255, 255, 255, 255], Of(1, 1, false));
        Assert.Equal([255, 6, 5, 255, 255, 255], Of(1, 1, true));
        Assert.Equal([255, 255, 255, 255, 1, 2], Of(-1, -1, false));
        Assert.Equal([255, 255, 255, 255, 255, 255], Of(0, 5, false));
    }

    private static byte[] Image(ImageWindow window, byte[] image, byte[] fill)
    {
        var result = new byte[fill.Length * window.Height * window.Width];
        window.Image(image, result, fill);
        return result;
    }
}
