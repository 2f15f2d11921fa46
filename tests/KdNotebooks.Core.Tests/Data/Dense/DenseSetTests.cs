using KdNotebooks.Datasets;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Data.Dense;

public sealed class DenseSetTests
{
    [Fact]
    public void An_empty_set_and_a_label_that_is_no_class_are_named()
    {
        Assert.Contains("fashion val: the set is empty", Assert.Throws<KdException>(
            () => DenseSet.Of("fashion val", FashionScenes.Table, [])).Message);
        var sample = new DenseSample("scene 3", 1, 4, new byte[12], [0, 10, 255, 11]);
        var message = Assert.Throws<KdException>(() => DenseSet.Of("x", FashionScenes.Table, [sample])).Message;
        Assert.Contains("scene 3: label 11 at row 0, column 3; expected a class from 0 to 10", message);
    }

    [Fact]
    public void Sizes_that_do_not_fit_together_are_named()
    {
        Assert.Contains("a label map of 3", Assert.Throws<KdException>(
            () => new DenseSample("a", 2, 2, new byte[12], new byte[3])).Message);
        Assert.Throws<KdException>(() => new DenseSample(
            "a", 2, 2, new byte[12], new byte[4], [new DenseInstance(1, default, new byte[5])]));
    }

    [Fact]
    public void The_fingerprint_changes_with_every_byte()
    {
        string Of(byte pixel, byte label, byte mask) => DenseSet.Of("x", FashionScenes.Table,
            [new DenseSample("a", 1, 1, [0, pixel, 0], [label], [new DenseInstance(1, default, [mask])])]).Fingerprint;
        Assert.Equal(4, new[] { Of(0, 0, 0), Of(1, 0, 0), Of(0, 1, 0), Of(0, 0, 1), Of(0, 0, 0) }.Distinct().Count());
    }

    [Fact]
    public void An_instances_box_is_the_smallest_around_its_mask()
    {
        var instance = DenseInstance.Of(3, [0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0], 4)!;
        Assert.Equal((new PixelBox(1, 1, 3, 3), 3), (instance.Box, instance.Area));
        Assert.Null(DenseInstance.Of(3, new byte[4], 2));
    }

    [Fact]
    public void Splits_share_one_table_and_have_three_channels()
    {
        var set = DenseSet.Of("x", FashionScenes.Table, [new DenseSample("a", 1, 1, new byte[3], [0])]);
        var other = DenseSet.Of("y", CityscapesLabels.Table, [new DenseSample("a", 1, 1, new byte[3], [0])]);
        Assert.Throws<KdException>(() => new DenseData("d", set, other, null, [0, 0, 0], [1, 1, 1]));
        Assert.Throws<KdException>(() => new DenseData("d", set, set, null, [0], [1]));
        Assert.NotEqual(
            new DenseData("d", set, set, null, [0, 0, 0], [1, 1, 1]).Fingerprint,
            new DenseData("d", set, set, null, [0, 0, 0], [1, 1, 2]).Fingerprint);
    }
}
