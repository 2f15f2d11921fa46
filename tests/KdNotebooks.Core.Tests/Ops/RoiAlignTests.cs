using KdNotebooks.Ops;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Ops;

public sealed class RoiAlignTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Values_and_gradients_are_torchvisions(int entry)
    {
        var part = OpsGolden.Part("regions");
        var golden = part.GetProperty("cases")[entry];
        var map = Wave.Single(2, 2, 16, 24).requires_grad_(true);
        var rois = part.GetProperty("rois").Tensor(-1, 5);
        var pooled = RoiAlign.Pool(
            map, rois, 5, 0.25, golden.GetProperty("ratio").GetInt32(), golden.GetProperty("aligned").GetBoolean());
        OpsGolden.Near(golden.GetProperty("pooled"), pooled);
        (pooled * Wave.Of(pooled.shape, 0.73, 0)).sum().backward();
        OpsGolden.Near(golden.GetProperty("gradient"), map.grad!);
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(false, -1)]
    [InlineData(true, 2)]
    [InlineData(true, -1)]
    public void So_are_those_of_the_given_map(bool aligned, int ratio)
    {
        var map = KdNotebooks.Tests.Models.TorchvisionGolden.Image(2, 4, 20, 24);
        var pooled = RoiAlign.Pool(map, OpsGolden.Given.GetProperty("rois").Tensor(5, 5), 7, 0.25, ratio, aligned);
        var name = $"roi_align aligned={aligned} sampling_ratio={ratio} scale=0.25 size=7";
        OpsGolden.NearSummary(OpsGolden.Given.GetProperty("outputs").GetProperty(name), pooled);
    }

    // Of the second of three images nothing is taken; one region is partly outside, one wholly.
    [Theory]
    [InlineData(false, -1)]
    [InlineData(true, -1)]
    [InlineData(false, 2)]
    [InlineData(true, 2)]
    public void The_gradient_is_the_slope(bool aligned, int ratio)
    {
        var rois = torch.tensor(new[,] { { 0.0, -3, -2, 9.3, 6.1 }, { 2, 1.2, 2.7, 8.1, 20 }, { 2, 90, 90, 95, 95 } });
        var map = Wave.Of([3, 2, 5, 6]);
        var weights = Wave.Of([3, 2, 3, 3], 0.9);
        Tensor Number(Tensor moved) => (RoiAlign.Pool(moved, rois, 3, 0.5, ratio, aligned) * weights).sum();
        Slopes.Check(map, Number);
        Slopes.Check(map, moved => Number(ChannelsLast.Of(moved)));
    }

    [Fact]
    public void A_pyramid_is_pooled_as_torchvision_does()
    {
        var golden = OpsGolden.Part("pyramid");
        var maps = Enumerable.Range(2, 4).Select(level =>
            Wave.Single(2, 2, 256 >> level, 320 >> level).requires_grad_(true)).ToList();
        var boxes = golden.GetProperty("boxes").EnumerateArray().Select(rows => rows.Tensor(-1, 4)).ToList();
        var scales = maps.Select(map => LevelMapper.Scale(map, 256)).ToList();
        Assert.Equal([0.25, 0.125, 0.0625, 0.03125], scales);
        Assert.Equal(
            golden.GetProperty("levels").Longs(),
            LevelMapper.For(scales).Levels(torch.cat(boxes)).data<long>().ToArray());

        var pooled = RoiAlign.PoolLevels(maps, RoiAlign.Rois(boxes), 4, scales);
        OpsGolden.Near(golden.GetProperty("pooled"), pooled);
        (pooled * Wave.Of(pooled.shape, 0.73, 0)).sum().backward();
        foreach (var (map, expected) in maps.Zip(golden.GetProperty("gradients").EnumerateArray()))
        {
            var gradient = map.grad!.to(torch.float64);
            Assert.Equal(expected.GetProperty("l2").GetDouble(), gradient.norm().ToDouble(), 1e-4);
            Assert.Equal(expected.GetProperty("sum").GetDouble(), gradient.sum().ToDouble(), 1e-4);
        }
    }

    [Fact]
    public void Levels_follow_the_areas_root_and_empty_boxes_are_at_the_finest()
    {
        var boxes = torch.tensor(new[,]
        {
            { 0f, 0, 224, 224 }, { 0, 0, 112, 112 }, { 0, 0, 111.9f, 112 }, { 0, 0, 4, 4 }, { 0, 0, 2000, 2000 },
            { 5, 5, 5, 5 }, { 5, 5, 1, 9 },
        });
        Assert.Equal([2L, 1, 0, 0, 3, 0, 0], new LevelMapper(2, 5).Levels(boxes).data<long>().ToArray());
    }

    [Fact]
    public void No_regions_give_none_and_a_gradient_of_0()
    {
        var maps = new[] { Wave.Single(2, 3, 8, 8).requires_grad_(true), Wave.Single(2, 3, 4, 4).requires_grad_(true) };
        var pooled = RoiAlign.PoolLevels(maps, torch.zeros(0, 5), 7, [0.25, 0.125]);
        Assert.Equal([0, 3, 7, 7], pooled.shape);
        (pooled.sum() + maps[1].sum()).backward();
        TensorAssert.Same(torch.ones_like(maps[1]), maps[1].grad!);
    }

    [Fact]
    public void Both_layouts_give_the_same_and_channels_last_comes_out()
    {
        var rois = torch.tensor(new[,] { { 1f, 2, 3, 20, 17 }, { 0, 0, 0, 9, 9 } });
        var map = Wave.Single(2, 3, 8, 8);
        var pooled = RoiAlign.Pool(ChannelsLast.Of(map), rois, 4, 0.25);
        TensorAssert.Same(RoiAlign.Pool(map, rois, 4, 0.25), pooled);
        Assert.Equal([48, 1, 12, 3], pooled.stride());
    }

    [Fact]
    public void Half_precision_comes_out_as_it_went_in()
    {
        var rois = torch.tensor(new[,] { { 0f, 2, 3, 20, 17 } });
        var map = Wave.Single(1, 3, 8, 8);
        var half = RoiAlign.Pool(map.to(torch.float16), rois, 4, 0.25);
        Assert.Equal(torch.float16, half.dtype);
        TensorAssert.Near(RoiAlign.Pool(map, rois, 4, 0.25), half.to(torch.float32), 2e-3);
    }

    [Fact]
    public void Regions_far_larger_than_the_map_or_not_numbers_end()
    {
        var far = torch.tensor(new[,]
        {
            { 0f, -1e30f, -1e30f, 1e30f, 1e30f }, { 0, float.NaN, 0, 4, 4 }, { 0, 0, 0, float.PositiveInfinity, 4 },
            { 0, -1e9f, 0, 1e9f, 30 },
        });
        var pooled = RoiAlign.Pool(Wave.Single(1, 2, 8, 8), far, 3, 0.25);
        Assert.True(pooled.isfinite().all().ToBoolean());
        TensorAssert.Same(torch.zeros(2, 3, 3), pooled[1]);
    }

    [Fact]
    public void A_region_of_an_image_that_is_not_there_is_refused() => Assert.Contains(
        "region 1 is of image 2, and the maps have 2", Assert.Throws<KdException>(() => RoiAlign.Pool(
            torch.zeros(2, 1, 4, 4), torch.tensor(new[,] { { 1f, 0, 0, 4, 4 }, { 2, 0, 0, 4, 4 } }), 2, 1)).Message);

    [Fact]
    public void Memory_stays_the_same_over_steps_with_other_numbers_of_regions()
    {
        var map = Wave.Single(2, 8, 16, 16).requires_grad_(true);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var step = 0; step < 20; step++)
        {
            using var inner = torch.NewDisposeScope();
            var rois = torch.rand(step % 7, 5) * torch.tensor(new[] { 1.9f, 40, 40, 60, 60 });
            RoiAlign.PoolLevels([map], rois, 7, [0.25]).sum().backward();
        }

        map.grad?.Dispose();
        map.grad = null;
        Assert.InRange(DisposeScopeManager.Statistics.ThreadTotalLiveCount, before, before + 1);
    }
}
