using KdNotebooks.Models;

namespace KdNotebooks.Tests.Models;

// What it computes is compared in DeepResNetTests, block by block within the network.
public sealed class BottleneckTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(8, 1, false)]
    [InlineData(12, 1, true)]
    [InlineData(8, 2, true)]
    public void The_shortcut_is_a_convolution_where_the_shape_changes(long inputs, long stride, bool convolution)
    {
        var block = new Bottleneck(inputs, 4, 8, stride, dilation: 2, groups: 2);
        var map = Wave.Single(2, inputs, 7, 7);
        var before = map.clone();
        Assert.Equal(convolution, block.state_dict().ContainsKey("downsample.0.weight"));
        Assert.Equal([2, 8, stride == 2 ? 4 : 7, stride == 2 ? 4 : 7], block.call(map).shape);
        TensorAssert.Same(before, map);
    }
}
