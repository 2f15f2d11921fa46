using KdNotebooks.Ops;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Ops;

public sealed class AnchorsTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Anchors_are_torchvisions(int entry)
    {
        var golden = OpsGolden.Part("anchors").GetProperty("cases")[entry];
        var anchors = new Anchors(
            [.. golden.GetProperty("sizes").EnumerateArray().Select(level => (IReadOnlyList<double>)level.Doubles())],
            golden.GetProperty("ratios").Doubles());
        var image = golden.GetProperty("image").Longs();
        var maps = golden.GetProperty("grids").EnumerateArray()
            .Select(grid => torch.zeros([1, 1, .. grid.Longs()])).ToList();
        var all = anchors.Over(image[0], image[1], maps);
        Assert.Equal([golden.GetProperty("count").GetInt64(), 4], all.shape);
        OpsGolden.Near(golden.GetProperty("head"), all.narrow(0, 0, 12), 0);
        OpsGolden.Near(golden.GetProperty("tail"), all.narrow(0, all.shape[0] - 9, 9), 0);
        OpsGolden.Near(golden.GetProperty("sum"), all.to(torch.float64).sum([0L]), 1e-12);
        Assert.Equal(all.shape[0], anchors.Levels(image[0], image[1], maps).Sum(level => level.shape[0]));
    }

    [Fact]
    public void RetinaNets_cells_are_torchvisions() => OpsGolden.Near(
        OpsGolden.Part("anchors").GetProperty("retinanet"),
        torch.stack([.. Enumerable.Range(0, 5).Select(Anchors.RetinaNet.Cell)]), 0);

    [Fact]
    public void An_rpn_has_three_a_position_of_each_of_five_levels()
    {
        Assert.All(Enumerable.Range(0, 5), level => Assert.Equal(3, Anchors.Rpn.PerPosition(level)));
        Assert.Equal([-23f, -11, 23, 11], Anchors.Rpn.Cell(0)[0].data<float>().ToArray());
    }

    [Fact]
    public void Maps_without_sizes_are_refused() => Assert.Contains(
        "expected 5 maps", Assert.Throws<KdException>(() => Anchors.Rpn.Over(8, 8, [torch.zeros(1, 1, 2, 2)])).Message);

    [Fact]
    public void A_size_of_0_is_refused() => Assert.Contains(
        "[32; 0]", Assert.Throws<KdException>(() => new Anchors([[32], [0]], [1])).Message);
}
