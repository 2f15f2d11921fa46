using KdNotebooks.Interactive;
using KdNotebooks.Interactive.Formatting;

namespace KdNotebooks.Extensions.Tests.Interactive.Formatting;

public sealed class TensorImagesTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(1, 28, 28)]
    [InlineData(1, 1, 28, 28)]
    [InlineData(1, 3, 28, 28)]
    [InlineData(12, 12, 1, 28, 28)]
    [InlineData(16, 40, 3, 28, 28)]
    public void What_looks_like_images_is_shown_sixteen_at_most(int shown, params int[] shape)
    {
        var tensor = torch.zeros([.. shape.Select(size => (long)size)], dtype: torch.ScalarType.Byte);

        Assert.Equal(shown, TensorImages.Of(tensor)!.Images.Count);
        Assert.Contains(MimeBundle.Png, Formatters.Format(tensor).Data.Keys);
    }

    [Theory]
    [InlineData(64, 16, 3, 3)] // kernels
    [InlineData(2, 28, 28)] // two channels
    [InlineData(8, 500)] // logits
    [InlineData(10)]
    [InlineData(1, 2000, 2000)]
    public void What_does_not_is_not(params int[] shape) =>
        Assert.Null(TensorImages.Of(torch.zeros([.. shape.Select(size => (long)size)])));

    [Fact]
    public void Whole_numbers_that_are_no_bytes_are_no_picture() =>
        Assert.Null(TensorImages.Of(torch.zeros([28, 28], dtype: torch.ScalarType.Int64)));

    [Fact]
    public void Numbers_go_from_black_at_the_lowest_to_white_at_the_highest()
    {
        var pixels = TensorImages.Of(torch.linspace(-3, 5, 64).reshape(8, 8))!.Images[0].Pixels;

        Assert.Equal((0, 255), (pixels[0], pixels[^1]));
    }

    [Fact]
    public void Nothing_is_left_of_the_pictures()
    {
        var tensor = torch.rand(4, 3, 16, 16);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Formatters.Format(tensor);

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
