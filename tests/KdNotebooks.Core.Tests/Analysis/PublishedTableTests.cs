using KdNotebooks.Analysis;
using KdNotebooks.Results;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Analysis;

public sealed class PublishedTableTests
{
    private const string Pair = "cifar100/resnet32x4-resnet8x4";

    [Fact]
    public void Both_columns_stand_by_method_and_what_is_not_there_is_null()
    {
        var measured = new ResultTable(
            from method in new[] { "none", "mlp-1", "kd", "mine" }
            from seed in new[] { 1, 2 }
            select new ResultRow(method, seed, "accuracy", 50 + seed + (method == "kd" ? 0.125 : 0), "test"), "none");

        var table = PublishedTable.Of(Pair, measured);

        // docs/method.md, 3.1: the student alone has 72.50, KD 73.33, AT 73.44.
        var rows = table.Rows.ToDictionary(row => (string)row[0], row => (row[1], row[2]));
        Assert.Equal((72.5, 51.5), rows["none"]);
        Assert.Equal((73.33, 51.62), rows["kd"]);
        Assert.Equal(((object?)73.44, null), rows["at"]);
        Assert.Equal((null, (object?)51.5), rows["mine"]);
        Assert.Equal((null, (object?)51.5), rows["mlp-1"]); // the paper says none of this pair
        Assert.Equal("none", table.Rows[0][0]);
    }

    [Fact]
    public void A_pair_that_is_none_is_refused() => Assert.Contains(
        "'cifar100/resnet32x4' is no pair",
        Assert.Throws<KdException>(() => PublishedTable.Of("cifar100/resnet32x4", new ResultTable([new ResultRow("none", 1, "accuracy", 50, "test")], "none"))).Message);
}
