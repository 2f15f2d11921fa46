using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Tests.Tasks.Segmentation;

public sealed class LabelMapSetTests
{
    [Fact]
    public void An_empty_set_and_a_label_that_is_no_class_are_named()
    {
        Assert.Contains("fashion val: the set is empty", Assert.Throws<KdException>(
            () => LabelMapSet.Of("fashion val", FashionScenes.Table, [])).Message);
        var sample = LabelMap.Sample("scene 3", 1, 4, new byte[12], [0, 10, 255, 11]);
        var message = Assert.Throws<KdException>(() => LabelMapSet.Of("x", FashionScenes.Table, [sample])).Message;
        Assert.Contains("scene 3: label 11 at row 0, column 3; expected a class from 0 to 10", message);
    }

    [Fact]
    public void The_fingerprint_changes_with_every_byte()
    {
        string Of(byte pixel, byte label, byte mask) => LabelMapSet.Of("x", FashionScenes.Table,
        [
            LabelMap.Sample(
                "a", 1, 1, new byte[] { 0, pixel, 0 }, [label], [new MaskedThing(1, default, [mask])]),
        ]).Fingerprint;
        Assert.Equal(4, new[] { Of(0, 0, 0), Of(1, 0, 0), Of(0, 1, 0), Of(0, 0, 1), Of(0, 0, 0) }.Distinct().Count());
    }

    [Fact]
    public void A_sample_without_a_label_map_is_named()
    {
        var sample = new Sample("garment 3", 3, new ImageSize(1, 1), new byte[3], new ClassIndex(0));
        Assert.Contains(
            "garment 3: its target is a ClassIndex; expected a label map",
            Assert.Throws<KdException>(() => LabelMapSet.Of("x", FashionScenes.Table, [sample])).Message);
        Assert.Contains(
            "sample: its images have no class for each pixel; expected images with label maps.",
            Assert.Throws<KdException>(() => LabelMapSet.TableOf(Tests.Data.Samples.Images(3))).Message);
    }

    [Fact]
    public void A_part_keeps_the_table_and_one_size_is_known_where_there_is_one()
    {
        var set = LabelMapSamples.Set("x", LabelMapSamples.Sample(1, 2, 3, 0), LabelMapSamples.Sample(2, 2, 3, 1));
        Assert.Same(LabelMapSamples.Table, LabelMapSet.TableOf(set.Take(1)));
        Assert.Equal(new ImageSize(2, 3), set.OneSize);
        Assert.Null(LabelMapSamples.Set(
            "x", LabelMapSamples.Sample(1, 2, 3, 0), LabelMapSamples.Sample(2, 3, 2, 1)).OneSize);
    }
}
