using KdNotebooks.Datasets;

namespace KdNotebooks.Tests.Datasets;

public sealed class RunLengthTests
{
    // pycocotools: mask.encode of [[0, 1], [1, 1], [0, 0]] has these counts, down the columns.
    [Fact]
    public void Runs_go_down_the_columns_and_begin_with_zeros()
    {
        Assert.Equal([1, 1, 1, 2, 1], RunLength.Of([0, 1, 1, 1, 0, 0], 3, 2));
        Assert.Equal([0, 4], RunLength.Of([1, 1, 1, 1], 2, 2));
        Assert.Equal([4], RunLength.Of([0, 0, 0, 0], 2, 2));
    }

    [Fact]
    public void A_mask_comes_back_and_runs_of_another_length_do_not()
    {
        var mask = Enumerable.Range(0, 7 * 5).Select(i => (byte)(i * i % 3 == 1 ? 1 : 0)).ToArray();
        Assert.Equal(mask, RunLength.Mask(RunLength.Of(mask, 7, 5), 7, 5));
        Assert.Null(RunLength.Mask([3, 4], 2, 2));
        Assert.Null(RunLength.Mask([5, -1], 2, 2));
    }
}
