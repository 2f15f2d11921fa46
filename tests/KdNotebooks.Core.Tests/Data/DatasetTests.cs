using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Tests.Data;

public sealed class DatasetTests
{
    private static readonly float[] Half = [0.5f];

    [Fact]
    public void A_smaller_dataset_keeps_its_splits_apart_and_has_another_fingerprint()
    {
        var data = Thirty();
        var small = data.Take(4, 3, 2);
        Assert.Equal((4, 3, 2), (small.Train.Count, small.Validation.Count, small.Test!.Count));
        Assert.Equal(data.Validation.Take(3).Fingerprint, small.Validation.Fingerprint);
        Assert.NotEqual(data.Fingerprint, small.Fingerprint);
        Assert.Equal(data.Fingerprint, data.Take(15, 9, 9).Fingerprint);
        Assert.Null(data.Take(4, 3, 0).Test);
    }

    [Fact]
    public void Splits_share_one_table_and_have_three_channels()
    {
        var set = LabelMapSet.Of("x", FashionScenes.Table, [LabelMap.Sample("a", 1, 1, new byte[3], [0])]);
        var other = LabelMapSet.Of("y", CityscapesLabels.Table, [LabelMap.Sample("a", 1, 1, new byte[3], [0])]);
        Assert.Throws<KdException>(() => new Dataset("d", set, other, null, [0, 0, 0], [1, 1, 1]));
        Assert.Throws<KdException>(() => new Dataset("d", set, set, null, [0], [1]));
        Assert.NotEqual(
            new Dataset("d", set, set, null, [0, 0, 0], [1, 1, 1]).Fingerprint,
            new Dataset("d", set, set, null, [0, 0, 0], [1, 1, 2]).Fingerprint);
    }

    [Fact]
    public void Splits_of_different_kinds_are_refused()
    {
        var labels = LabelMapSet.Of("maps", new LabelTable(
            "three", [.. Samples.Classes.Select((name, i) => new LabelRow((byte)i, name, i, 0))]),
            [LabelMap.Sample("a", 1, 1, new byte[3], [0])]);
        var classes = Samples.Images(3, channels: 3);
        var error = Assert.Throws<KdException>(() => new Dataset("d", classes, labels, null, [0, 0, 0], [1, 1, 1]));
        Assert.Contains("d: the splits differ in channels, classes or kind", error.Message);
        Assert.Throws<KdException>(() => new Dataset("d", labels, classes, null, [0, 0, 0], [1, 1, 1]));
        Assert.Throws<KdException>(
            () => new Dataset("d", classes, Samples.Images(3, channels: 1), null, [0, 0, 0], [1, 1, 1]));
    }

    [Fact]
    public void A_split_has_a_name_and_a_missing_one_is_named()
    {
        var data = Thirty();
        Assert.Equal(
            [data.Train, data.Validation, data.Test!],
            new[] { "train", "validation", "test" }.Select(data.SplitNamed));
        Assert.Equal(
            "Split 'val' is not known; expected 'test', 'validation' or 'train'.",
            Assert.Throws<KdException>(() => data.SplitNamed("val")).Message);
        Assert.Contains(
            "there is no labeled split 'test'; expected 'validation' or 'train'.",
            Assert.Throws<KdException>(() => data.Take(4, 3, 0).SplitNamed("test")).Message);
    }

    [Fact]
    public void It_says_what_it_holds()
    {
        Assert.Equal("x: 15 train, 9 validation, 9 test images of 1x4x5, 3 classes", Thirty().ToString());
        Assert.Equal([1, 4, 5], Thirty().ImageShape);
    }

    private static Dataset Thirty() =>
        LabeledImages.Split("x", Samples.Images(30), Samples.Images(9, seed: 2), 5, 3, Half, Half);
}
