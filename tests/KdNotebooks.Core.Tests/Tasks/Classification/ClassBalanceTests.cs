using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tests.Data;

namespace KdNotebooks.Tests.Tasks.Classification;

public sealed class ClassBalanceTests
{
    [Fact]
    public void Groups_fill_up_by_class_in_the_sets_order()
    {
        byte[] labels = [2, 0, 0, 1, 2, 2, 1, 0, 1, 0];
        var set = new ImageSet("x", 1, 1, 1, new byte[10], labels, Samples.Classes);
        var groups = ClassBalance.Deal(set, 1, 2);
        Assert.Equal([0, 1, 3], groups[0]);
        Assert.Equal([2, 4, 5, 6, 7, 8], groups[1]);
    }
}
