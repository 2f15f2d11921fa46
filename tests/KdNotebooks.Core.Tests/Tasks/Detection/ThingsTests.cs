using KdNotebooks.Data;
using KdNotebooks.Masks;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Detection;

namespace KdNotebooks.Tests.Tasks.Detection;

public sealed class ThingsTests
{
    private static readonly ImageSize Size = new(10, 20);

    [Fact]
    public void Mirrored_boxes_and_masks_go_together()
    {
        var moved = (Things)Rectangle(2, 3, 6, 9).Through(ImageWindow.Shifted(Size, 0, 0, mirrored: true));

        Assert.Equal(ImageBox.OfCorners(14, 3, 18, 9), moved.All[0].Box);
        Assert.Equal(moved.All[0].Box, moved.All[0].Mask!.Box);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_crop_of_twice_the_size_cuts_both_alike(bool mirrored)
    {
        var window = ImageWindow.Crop(Size, new ImageSize(20, 40), 4, 6, new ImageSize(12, 16), mirrored);

        var moved = (Things)Rectangle(2, 3, 6, 9).Through(window);

        // (4, 6) to (12, 18) of the resized image, less the crop's corner (6, 4), within 16 x 12.
        var expected = mirrored ? ImageBox.OfCorners(10, 2, 16, 12) : ImageBox.OfCorners(0, 2, 6, 12);
        Assert.Equal(expected, moved.All[0].Box);
        Assert.Equal(expected, moved.All[0].Mask!.Box);
        Assert.Equal(new ImageSize(12, 16), moved.Image);
    }

    [Fact]
    public void What_a_crop_leaves_out_is_gone()
    {
        var window = ImageWindow.Crop(Size, Size, 0, 10, new ImageSize(10, 10), mirrored: false);

        Assert.Empty(((Things)Rectangle(2, 3, 6, 9).Through(window)).All);
    }

    [Fact]
    public void A_batch_holds_boxes_of_unequal_numbers_and_none_of_crowds()
    {
        using var scope = torch.NewDisposeScope();
        var two = new Things(
            [
                new(1, ImageBox.OfCorners(1, 2, 3, 4)),
                new(0, ImageBox.OfCorners(5, 5, 9, 9), Crowd: true),
                new(2, ImageBox.OfCorners(0, 0, 8, 8)),
            ], Size);

        var batch = ThingBatch.Of([two, new Things([], Size)], new ImageSize(32, 32), torch.CPU);

        Assert.Equal(2, batch.Count);
        Assert.Equal([1f, 2, 3, 4, 0, 0, 8, 8], batch.Boxes[0].data<float>().ToArray());
        Assert.Equal([1L, 2], batch.Classes[0].data<long>().ToArray());
        Assert.Equal([0L, 4], batch.Boxes[1].shape);
        Assert.Null(batch.Masks);
    }

    [Fact]
    public void Masks_lie_in_the_batch_where_the_image_lies()
    {
        using var scope = torch.NewDisposeScope();
        var batch = ThingBatch.Of([Rectangle(2, 3, 6, 9)], new ImageSize(32, 32), torch.CPU);

        Assert.Equal([1L, 32, 32], batch.Masks![0].shape);
        Assert.Equal(24, batch.Masks[0].sum().ToInt64());
        Assert.Equal(24, batch.Masks[0].narrow(1, 3, 6).narrow(2, 2, 4).sum().ToInt64());
    }

    [Theory]
    [InlineData(5, 5, 5, 9)]
    [InlineData(5, 5, 9, double.NaN)]
    [InlineData(9, 5, 5, 9)]
    public void A_box_that_is_none_is_named(double left, double top, double right, double bottom)
    {
        var error = Assert.Throws<KdException>(() => Things.Sample(
            "a.jpg", Size, new byte[600], [new(0, ImageBox.OfCorners(left, top, right, bottom), Id: 77)]));

        Assert.StartsWith("a.jpg: annotation 77 has a box of ", error.Message);
    }

    [Fact]
    public void A_mask_of_another_size_is_named() => Assert.StartsWith(
        "a.jpg: annotation 5 has a mask of 12x10 pixels; expected the image's 20x10",
        Assert.Throws<KdException>(() => Things.Sample(
            "a.jpg", Size, new byte[600],
            [new(0, ImageBox.OfCorners(1, 1, 2, 2), RunLength.Empty(10, 12), Id: 5)])).Message);

    private static Things Rectangle(int left, int top, int right, int bottom)
    {
        var box = ImageBox.OfCorners(left, top, right, bottom);
        return new Things([new(0, box, RunLength.OfBox(box, Size.Height, Size.Width))], Size);
    }
}
