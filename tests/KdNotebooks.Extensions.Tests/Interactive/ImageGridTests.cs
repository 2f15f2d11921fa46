using KdNotebooks.Interactive;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;

namespace KdNotebooks.Extensions.Tests.Interactive;

public sealed class ImageGridTests
{
    [Fact]
    public void A_batch_becomes_one_image_each_with_channels_last()
    {
        using var scope = torch.NewDisposeScope();
        var batch = torch.arange(12, dtype: torch.ScalarType.Byte).reshape(1, 3, 2, 2);

        var grid = ImageGrid.OfTensor(batch, ["coat"]);

        Assert.Equal(new byte[] { 0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11 }, Assert.Single(grid.Images).Pixels);
        Assert.Equal(3, grid.Images[0].Channels);
        Assert.Equal("coat", grid.Images[0].Label);
    }

    [Fact]
    public void A_normalized_batch_is_refused_with_what_to_do()
    {
        using var scope = torch.NewDisposeScope();

        var error = Assert.Throws<KdException>(() => ImageGrid.OfTensor(torch.zeros(2, 1, 4, 4)));

        Assert.Contains("Float32 [2, 1, 4, 4]", error.Message);
        Assert.Contains("torch.uint8", error.Message);
    }

    [Fact]
    public void Pixels_that_do_not_fill_the_size_are_refused()
    {
        var error = Assert.Throws<KdException>(() => new GridImage(new byte[5], 2, 2).Channels);

        Assert.Contains("4 bytes (gray) or 12 (RGB); got 5", error.Message);
    }

    [Fact]
    public void Labels_that_are_too_few_are_refused()
    {
        using var scope = torch.NewDisposeScope();
        var batch = torch.zeros(2, 4, 4, dtype: torch.ScalarType.Byte);

        Assert.Throws<KdException>(() => ImageGrid.OfTensor(batch, ["only one"]));
    }
}
