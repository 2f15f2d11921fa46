using KdNotebooks.Datasets;

namespace KdNotebooks.Tests.Datasets;

public sealed class CityscapesLabelsTests
{
    // id 0 to 33; from cityscapesScripts' table, as mmsegmentation and the benchmark use it.
    [Fact]
    public void Ids_map_to_the_19_training_classes()
    {
        int[] classes =
        [
            255, 255, 255, 255, 255, 255, 255, 0, 1, 255, 255, 2, 3, 4, 255, 255, 255, 5, 255, 6, 7, 8, 9, 10, 11, 12,
            13, 14, 15, 255, 255, 16, 17, 18,
        ];
        Assert.Equal(classes, Enumerable.Range(0, 34).Select(id => (int)CityscapesLabels.Table.ClassOf((byte)id)));
        Assert.Equal("0 to 33", CityscapesLabels.Table.Ids());
    }

    [Fact]
    public void Classes_have_the_benchmarks_names_and_colors()
    {
        Assert.Equal(
            "road sidewalk building wall fence pole traffic light traffic sign vegetation terrain sky person rider car "
            + "truck bus train motorcycle bicycle", string.Join(" ", CityscapesLabels.Table.ClassNames));
        Assert.Equal(0x804080, CityscapesLabels.Table.Classes[0].Color);
        Assert.Equal(0x4682B4, CityscapesLabels.Table.Classes[10].Color);
        Assert.Equal(0x770B20, CityscapesLabels.Table.Classes[18].Color);
        Assert.Equal(19, CityscapesLabels.Table.Classes.Select(row => row.Color).Distinct().Count());
    }
}
