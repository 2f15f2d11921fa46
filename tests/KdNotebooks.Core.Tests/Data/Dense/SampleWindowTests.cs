
namespace KdNotebooks.Tests.Data.Dense;

public sealed class SampleWindowTests : IDisposable
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
        var window = new SampleWindow(
            SampleAxis.Of(height, newHeight, 0, newHeight, false), SampleAxis.Of(width, newWidth, 0, newWidth, false));

        var expected = nn.functional.interpolate(
            torch.tensor(image).view(1, 3, height, width).to(torch.float64), [newHeight, newWidth],
            mode: torch.InterpolationMode.Bilinear, align_corners: false).flatten().data<double>().ToArray();

        Assert.All(window.Image(image, [0, 0, 0]).Zip(expected), pair => Assert.True(
            Math.Abs(pair.First - pair.Second) <= 0.5001, $"{pair}"));
    }

    [Fact]
    public void A_crop_is_a_part_of_the_whole_and_a_mirror_image_its_reverse()
    {
        var map = Enumerable.Range(0, 60).Select(i => (byte)i).ToArray(); // 6x10
        byte[] Of(int start, int count, bool mirrored) => new SampleWindow(
            SampleAxis.Of(6, 9, 2, 3, false), SampleAxis.Of(10, 15, start, count, mirrored)).Nearest(map, 255);
        var whole = Of(0, 15, false).Chunk(15).ToArray();
        Assert.Equal(whole.SelectMany(line => line[4..11]), Of(4, 7, false));
        Assert.Equal(whole.SelectMany(line => line[4..11].Reverse()), Of(4, 7, true));
        Assert.Equal(whole.SelectMany(line => line.Reverse().Concat([(byte)255, (byte)255])), Of(0, 17, true));
    }

    [Fact]
    public void The_same_size_changes_nothing()
    {
        var image = Enumerable.Range(0, 3 * 12).Select(i => (byte)(i * 7)).ToArray();
        var window = new SampleWindow(SampleAxis.Of(3, 3, 0, 3, false), SampleAxis.Of(4, 4, 0, 4, false));
        Assert.Equal(image, window.Image(image, [9, 9, 9]));
        Assert.Equal(image[..12], window.Nearest(image[..12], 9));
    }
}
