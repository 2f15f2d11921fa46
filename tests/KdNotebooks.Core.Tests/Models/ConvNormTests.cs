using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Models;
using KdNotebooks.Ops;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Models;

public sealed class ConvNormTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(3, 1, 1, 1, 1, false)]
    [InlineData(3, 2, 1, 1, 1, true)]
    [InlineData(1, 2, 0, 1, 1, false)]
    [InlineData(3, 1, 2, 2, 2, true)]
    public void Folded_it_computes_the_same(
        long kernel, long stride, long padding, long dilation, long groups, bool bias)
    {
        var conv = Conv2d(4, 6, kernel, stride, padding, dilation, PaddingModes.Zeros, groups, bias);
        var norm = Norm();
        var (pair, map) = (new ConvNorm(Wave.Fill(conv), norm), Wave.Single(2, 4, 7, 7));
        var plain = pair.Forward(map);
        TensorAssert.Same(norm.call(conv.call(map)), plain);

        pair.Fold(new HashSet<Module>());

        TensorAssert.Near(plain, pair.Forward(map), 1e-5);
        TensorAssert.Differ(plain, pair.Forward(map)); // it did fold
        pair.Free();
        TensorAssert.Same(plain, pair.Forward(map));
    }

    [Fact]
    public void A_tapped_module_is_called_beside_the_folded_pass()
    {
        var (conv, norm, map) = (Wave.Fill(Conv2d(4, 6, 3)), Norm(), Wave.Single(2, 4, 7, 7));
        var sequence = Sequential(conv, norm);
        var silent = new ConvNorm(conv, norm, sequence);
        silent.Fold(new HashSet<Module>());
        var expected = silent.Forward(map);
        foreach (var tapped in new Module<Tensor, Tensor>[] { conv, norm, sequence })
        {
            var seen = new List<Tensor>();
            var hook = tapped.register_forward_hook((_, _, output) =>
            {
                seen.Add(output.alias());
                return output;
            });
            TensorAssert.Same(expected, silent.Forward(map));
            Assert.Empty(seen);
            var heard = new ConvNorm(conv, norm, sequence);
            heard.Fold(new HashSet<Module> { tapped });

            TensorAssert.Same(expected, heard.Forward(map));

            hook.remove();
            TensorAssert.Same(tapped == conv ? conv.call(map) : norm.call(conv.call(map)), Assert.Single(seen));
        }
    }

    [Fact]
    public void No_tensor_outlives_the_pass_and_free_gives_back_the_weights()
    {
        var statistics = DisposeScopeManager.Statistics;
        var (conv, norm, map) = (Conv2d(4, 6, 3), Norm(), Wave.Single(2, 4, 7, 7));
        var pair = new ConvNorm(conv, norm);
        var before = statistics.ThreadTotalLiveCount;
        pair.Fold(new HashSet<Module>());
        Assert.Equal(before + 2, statistics.ThreadTotalLiveCount);
        pair.Forward(map).Dispose();
        Assert.Equal(before + 2, statistics.ThreadTotalLiveCount);
        pair.Free();
        Assert.Equal(before, statistics.ThreadTotalLiveCount);
    }

    // A cohort's taps are those of all its students: what one of them asks for must not reach another.
    [Theory]
    [InlineData("conv1")]
    [InlineData("bn1")]
    [InlineData("layer2.0.conv1")]
    [InlineData("layer2.0.bn1")]
    [InlineData("layer2.0.conv2")]
    [InlineData("layer2.0.downsample")]
    [InlineData("layer2.0.downsample.0")]
    [InlineData("layer2.0.downsample.1")]
    [InlineData("conv1", "layer1.0.bn2", "layer3.0.downsample.0", "layer3.0.conv2")]
    public void What_else_is_tapped_changes_no_bit_of_an_output(params string[] more)
    {
        string[] paths = ["layer3", TapSet.Output];
        var images = ChannelsLast.Of(Wave.Single(4, 1, 8, 8));
        using var alone = new LiveTeacher(KdNotebooks.Models.Network.Of(Network()), paths, 1, 8, 8);
        using var beside = new LiveTeacher(KdNotebooks.Models.Network.Of(Network()), [.. paths, .. more], 1, 8, 8);
        using var unfolded = Network();
        unfolded.eval();
        using var taps = new TapSet(unfolded, more);
        taps.Probe(1, 8, 8);

        var (expected, came) = (alone.Features(Batch.Of(images)), beside.Features(Batch.Of(images)));
        unfolded.call(images);

        Assert.All(paths, path => TensorAssert.Same(expected[path], came[path]));
        Assert.All(more, path => TensorAssert.Near(taps[path].detach(), came[path], 1e-5));
    }

    [Fact]
    public void A_folded_network_computes_the_same_as_the_plain_one()
    {
        var images = Wave.Single(4, 1, 8, 8);
        using var plain = Network();
        plain.eval();
        using var teacher = new LiveTeacher(KdNotebooks.Models.Network.Of(Network()), [TapSet.Output], 1, 8, 8);
        TensorAssert.Near(plain.call(images).detach(), teacher.Features(Batch.Of(images))[TapSet.Output], 1e-5);
    }

    private static BatchNorm2d Norm()
    {
        var norm = Wave.Fill(BatchNorm2d(6, eps: 0.1)); // large enough to be missed
        norm.eval();
        return norm;
    }

    private static ResNet Network() => Wave.Fill(new ResNet(8, 4, 1, 10));
}
