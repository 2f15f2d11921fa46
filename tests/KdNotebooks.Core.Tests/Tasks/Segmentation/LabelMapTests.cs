using KdNotebooks.Data;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Tests.Tasks.Segmentation;

public sealed class LabelMapTests
{
    [Fact]
    public void Sizes_that_do_not_fit_together_are_named()
    {
        Assert.Contains("a label map of 3", Assert.Throws<KdException>(
            () => LabelMap.Sample("a", 2, 2, new byte[12], new byte[3])).Message);
        Assert.Throws<KdException>(() => LabelMap.Sample(
            "a", 2, 2, new byte[12], new byte[4], [new MaskedThing(1, default, new byte[5])]));
    }

    [Fact]
    public void A_things_box_is_the_smallest_around_its_mask()
    {
        var thing = MaskedThing.Of(3, [0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0], 4)!;
        Assert.Equal((new PixelBox(1, 1, 3, 3), 3), (thing.Box, thing.Area));
        Assert.Null(MaskedThing.Of(3, new byte[4], 2));
    }

    [Fact]
    public void What_is_outside_is_ignored_and_things_that_are_seen_no_more_are_gone()
    {
        byte[] labels = [1, 2, 2, 1, 2, 2];
        var (left, right) = (MaskedThing.Of(1, [1, 0, 0, 1, 0, 0], 3)!, MaskedThing.Of(2, [0, 1, 1, 0, 1, 1], 3)!);
        var moved = (LabelMap)new LabelMap(labels, [left, right]).Through(
            ImageWindow.Shifted(new ImageSize(2, 3), down: 1, right: 1, mirrored: false));
        Assert.Equal([2, 2, 255, 255, 255, 255], moved.Labels);
        var thing = Assert.Single(moved.Things);
        Assert.Equal((2, new PixelBox(0, 0, 2, 1)), (thing.Class, thing.Box));
    }

    [Fact]
    public void The_largest_share_is_of_labeled_pixels_in_the_window_alone()
    {
        var map = new LabelMap([0, 0, 1, 255, 255, 0], []);
        double Share(int down) =>
            map.LargestShare(ImageWindow.Shifted(new ImageSize(2, 3), down, right: 0, mirrored: false));
        Assert.Equal(0.75, Share(0)); // 0 0 1 0
        Assert.Equal(1, Share(1)); // 0
        Assert.Equal(1, Share(2)); // none
    }
}
