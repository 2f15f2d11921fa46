using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Tests.Tasks.Segmentation;

public sealed class LabelTableTests
{
    private static readonly LabelTable Table = new(
        "small", new LabelRow(0, "void", null, 0), new LabelRow(4, "b", 1, 2), new LabelRow(5, "a", 0, 1),
        new LabelRow(7, "a too", 0, 3));

    [Fact]
    public void Ids_become_classes_and_void_becomes_ignored()
    {
        byte[] labels = [0, 4, 5, 7];
        Assert.Null(Table.Map(labels));
        Assert.Equal([255, 1, 0, 0], labels);
        Assert.Equal(["a", "b"], Table.ClassNames);
    }

    [Fact]
    public void The_first_id_without_a_row_is_found_with_its_place()
    {
        byte[] labels = [0, 4, 6, 9];
        Assert.Equal(((byte)6, 2), Table.Map(labels));
        Assert.Equal("0, 4 to 5, 7", Table.Ids());
    }

    [Fact]
    public void Ids_twice_and_gaps_between_classes_are_refused()
    {
        Assert.Throws<KdException>(() => new LabelTable("x", new LabelRow(0, "a", 0, 0), new LabelRow(0, "b", 1, 0)));
        Assert.Throws<KdException>(() => new LabelTable("x", new LabelRow(0, "a", 0, 0), new LabelRow(1, "b", 2, 0)));
        Assert.Throws<KdException>(() => new LabelTable("x", new LabelRow(0, "a", 0, 0)));
    }
}
