using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Distillation;

public sealed class BridgeTests : IDisposable
{
    private static readonly Connection Connection = new("body", "layer3", new ChannelMlp(), new L2Loss(), 1);

    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Channels_are_brought_to_the_teachers()
    {
        var bridge = new Bridge(Connection, [4, 4, 5], [6, 4, 5]);
        Assert.Equal([2, 6, 4, 5], bridge.call(torch.randn(2, 4, 4, 5), torch.randn(2, 6, 4, 5)).shape);
        Assert.Equal(4, bridge.parameters().Count()); // two convolutions with bias
    }

    [Theory]
    [InlineData(SpatialPolicy.Pool, 2, 3, 4)]
    [InlineData(SpatialPolicy.Resize, 8, 10, 4)]
    [InlineData(SpatialPolicy.StridedConv, 2, 3, 6)]
    public void Height_and_width_come_first_by_the_named_policy(
        SpatialPolicy policy, long height, long width, int parameters)
    {
        var bridge = new Bridge(Connection with { Spatial = policy }, [4, 4, 5], [6, height, width]);
        Assert.Equal(
            [2, 6, height, width],
            bridge.call(torch.randn(2, 4, 4, 5), torch.randn(2, 6, height, width)).shape);
        Assert.Equal(parameters, bridge.parameters().Count());
    }

    [Fact]
    public void Resize_fits_maps_whose_sizes_vary_from_batch_to_batch()
    {
        var bridge = new Bridge(Connection with { Spatial = SpatialPolicy.Resize }, [4, 4, 5], [6, 4, 5]);
        foreach (var (ours, theirs) in new[] { ((4, 5), (4, 5)), ((3, 7), (5, 9)), ((8, 8), (2, 3)), ((5, 4), (5, 4)) })
        {
            Assert.Equal(
                [2, 6, theirs.Item1, theirs.Item2],
                bridge.call(torch.randn(2, 4, ours.Item1, ours.Item2), torch.randn(2, 6, theirs.Item1, theirs.Item2)).shape);
        }
    }

    [Theory]
    [InlineData(SpatialPolicy.None)]
    [InlineData(SpatialPolicy.Pool)] // only to smaller maps
    public void A_size_that_differs_in_one_batch_only_is_refused_there_with_both_shapes(SpatialPolicy policy)
    {
        var bridge = new Bridge(Connection with { Spatial = policy }, [4, 4, 5], [6, 4, 5]);
        Assert.Equal([2, 6, 3, 3], bridge.call(torch.randn(2, 4, 3, 3), torch.randn(2, 6, 3, 3)).shape);

        var message = Assert.Throws<KdException>(
            () => bridge.call(torch.randn(2, 4, 4, 5), torch.randn(2, 6, 8, 10))).Message;

        Assert.Contains("[4, 4, 5]", message);
        Assert.Contains("[6, 8, 10]", message);
        Assert.Contains($"the policy {policy} does not bring them together in this batch", message);
    }

    [Fact]
    public void Global_compares_means_over_all_positions_whatever_the_sizes()
    {
        var bridge = new Bridge(
            Connection with { Spatial = SpatialPolicy.Global, Aligner = new Identity() }, [4, 4, 5], [4, 2, 3]);
        var (ours, theirs) = (torch.randn(2, 4, 6, 7), torch.randn(2, 4, 3, 2));

        var loss = bridge.Compare(ours, theirs, Batch.Of(torch.zeros(2, 1, 4, 5)));

        Assert.Equal(
            (ours.mean([2, 3]) - theirs.mean([2, 3])).square().mean().item<float>(), loss.item<float>(), 1e-6);
    }

    [Fact]
    public void An_error_names_both_paths_and_both_shapes()
    {
        var message = Assert.Throws<KdException>(() => new Bridge(Connection, [4, 4, 5], [6, 2, 3])).Message;
        Assert.Contains("student 'body' to teacher 'layer3'", message);
        Assert.Contains("[4, 4, 5]", message);
        Assert.Contains("[6, 2, 3]", message);
        message = Assert.Throws<KdException>(
            () => new Bridge(Connection with { Aligner = new Identity() }, [4, 4, 5], [6, 4, 5])).Message;
        Assert.Contains("student 'body' to teacher 'layer3'", message);
        Assert.Contains("l2 compares maps with equal channels; the student's [4, 4, 5] and the teacher's [6, 4, 5]", message);
    }

    [Fact]
    public void What_is_not_a_map_is_refused()
    {
        var message = Assert.Throws<KdException>(() => new Bridge(Connection, [4], [6, 4, 5])).Message;
        Assert.Contains("'body' gives [4] for one image; a connection needs a map [C, H, W]", message);
    }

    [Fact]
    public void A_pass_leaves_the_students_map_alive()
    {
        var map = torch.randn(1, 4, 4, 5);
        new Bridge(Connection with { Aligner = new Identity() }, [4, 4, 5], [4, 4, 5]).call(map, map).Dispose();
        Assert.Equal(80, map.Numbers().Length);
    }
}
