using KdNotebooks.Distillation;
using KdNotebooks.Models;
using KdNotebooks.Ops;

namespace KdNotebooks.Tests.Models;

public sealed class BasicBlockTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(3, 3, 1, false)]
    [InlineData(3, 6, 1, true)]
    [InlineData(3, 3, 2, true)]
    [InlineData(3, 6, 2, true)]
    public void The_shortcut_is_a_convolution_where_the_shape_changes(
        long inputs, long outputs, long stride, bool convolution)
    {
        var (block, map) = (new BasicBlock(inputs, outputs, stride), Wave.Single(2, inputs, 7, 7));
        Assert.Equal(convolution, block.state_dict().ContainsKey("downsample.0.weight"));
        var size = stride == 2 ? 4 : 7;
        Assert.Equal([2, outputs, size, size], block.call(map).shape);
    }

    [Theory]
    [InlineData(3, 1, false)]
    [InlineData(3, 1, true)]
    [InlineData(6, 2, false)]
    [InlineData(6, 2, true)]
    public void It_is_two_convolutions_and_a_shortcut(long outputs, long stride, bool training)
    {
        var block = Wave.Fill((BasicBlock)new BasicBlock(3, outputs, stride).to(torch.float64));
        block.train(training);
        var (map, plain) = (Wave.Of([2, 3, 6, 6], 0.9), new PlainResNet(block, training));
        var before = map.clone();

        TensorAssert.Near(plain.Block("", map, stride), block.call(map), 1e-12);

        TensorAssert.Same(before, map);
    }

    // Fewer than 16 channels, channels-last, stride 2: where oneDNN's own strided 1x1 convolution brings the process
    // down on processors with AVX-512. See BasicBlock.Skip.
    [Theory]
    [InlineData(8)]
    [InlineData(12)]
    public void A_narrow_block_trains_in_channels_last(long channels)
    {
        var block = Wave.Fill(new BasicBlock(channels, 2 * channels, 2));
        var plain = new PlainResNet(block.to(torch.float64), training: true);
        block.to(torch.float32);
        ChannelsLast.Apply(block);
        var map = Wave.Of([8, channels, 28, 28], 0.9);

        block.call(ChannelsLast.Of(map.to(torch.float32))).square().sum().backward();
        plain.Block("", map, 2).square().sum().backward();

        Assert.All(block.named_parameters(), entry => TensorAssert.Near(
            plain[entry.name].grad!, entry.parameter.grad!.to(torch.float64), 1e-3));
    }

    // The shortcut's Sequential is called as a whole, so that its own hook fires too.
    [Theory]
    [InlineData("conv1")]
    [InlineData("bn1")]
    [InlineData("conv2")]
    [InlineData("bn2")]
    [InlineData("downsample")]
    [InlineData("downsample.0")]
    [InlineData("downsample.1")]
    public void Every_module_inside_can_be_tapped(string path)
    {
        var block = Wave.Fill(new BasicBlock(3, 6, 2));
        using var taps = new TapSet(block, [path]);
        taps.Probe(3, 6, 6);

        block.call(Wave.Single(2, 3, 6, 6));

        Assert.Equal([2L, 6, 3, 3], taps[path].shape);
    }

    [Fact]
    public void Freeing_a_folded_block_frees_its_folded_weights()
    {
        var statistics = DisposeScopeManager.Statistics;
        var before = statistics.ThreadTotalLiveCount;
        var block = new BasicBlock(3, 6, 2);
        var unfolded = statistics.ThreadTotalLiveCount;
        block.eval();

        ((IFoldable)block).Fold(new HashSet<nn.Module>());

        Assert.Equal(unfolded + 6, statistics.ThreadTotalLiveCount); // weight and bias, three times
        block.Dispose();
        Assert.Equal(before, statistics.ThreadTotalLiveCount);
    }
}
