using KdNotebooks.Aligners;

namespace KdNotebooks.Tests.Aligners;

public sealed class FeatureShapeTests
{
    [Fact]
    public void It_is_a_maps_shape_without_the_batch()
    {
        using var map = torch.empty(9, 3, 4, 5);
        Assert.Equal(new FeatureShape(Channels: 3, Height: 4, Width: 5), FeatureShape.Of(map));
        Assert.Equal("[3, 4, 5]", FeatureShape.Of(map).ToString());
    }

    [Theory]
    [InlineData(4, 5, true)]
    [InlineData(5, 4, false)]
    [InlineData(4, 4, false)]
    public void Size_is_height_and_width_whatever_the_channels(long height, long width, bool same) =>
        Assert.Equal(same, new FeatureShape(3, 4, 5).SameSize(new FeatureShape(7, height, width)));
}
