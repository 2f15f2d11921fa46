using KdNotebooks.Aligners;
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
        Assert.Equal([2, 6, 4, 5], bridge.call(torch.randn(2, 4, 4, 5)).shape);
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
        Assert.Equal([2, 6, height, width], bridge.call(torch.randn(2, 4, 4, 5)).shape);
        Assert.Equal(parameters, bridge.parameters().Count());
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
        new Bridge(Connection with { Aligner = new Identity() }, [4, 4, 5], [4, 4, 5]).call(map).Dispose();
        Assert.Equal(80, map.Numbers().Length);
    }
}
