using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Tests.Tasks.Segmentation;

public sealed class ClassSharesTests
{
    private static readonly LabelTable Table =
        new("few", new LabelRow(0, "road", 0, 0), new LabelRow(1, "sky", 1, 0), new LabelRow(2, "bus", 2, 0));

    [Fact]
    public void Pixels_are_shared_among_those_that_are_not_ignored()
    {
        var shares = ClassShares.Of(
            Set([0, 0, 1, 255], [0, 255, 255, 255]), cancellation: TestContext.Current.CancellationToken);

        Assert.Equal([75, 25, 0], shares.Pixels);
        Assert.Equal([2, 1, 0], shares.In);
        Assert.Equal(50, shares.Ignored);
    }

    [Fact]
    public void Of_a_large_set_the_first_images_are_counted()
    {
        var shares = ClassShares.Of(
            Set([0, 0, 0, 0], [1, 1, 1, 1], [2, 2, 2, 2]), most: 2, TestContext.Current.CancellationToken);

        Assert.Equal(2, shares.Images);
        Assert.Equal([50, 50, 0], shares.Pixels);
    }

    private static LabelMapSet Set(params byte[][] maps) =>
        LabelMapSet.Of("few", Table, [.. maps.Select((labels, i) => LabelMap.Sample($"{i}", 2, 2, new byte[12], labels))]);
}
