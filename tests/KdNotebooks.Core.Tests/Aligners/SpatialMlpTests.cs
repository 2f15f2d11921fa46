using KdNotebooks.Aligners;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Aligners;

public sealed class SpatialMlpTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void It_is_three_by_three_then_relu_then_three_by_three(long channels)
    {
        var (module, map) = (Double(channels, 5), Wave.Of([2, channels, 4, 6]));
        Tensor Weight(string name) => module.get_parameter($"{name}.weight")!;
        Tensor Bias(string name) => module.get_parameter($"{name}.bias")!.view(1, -1, 1, 1);
        var x = channels == 5
            ? map
            : torch.einsum("oi,nihw->nohw", Weight("align").flatten(1), map) + Bias("align");
        x = (Neighbours(Weight("conv1"), x) + Bias("conv1")).clamp_min(0);
        x = Neighbours(Weight("conv2"), x) + Bias("conv2");
        TensorAssert.Near(x, module.call(map), 1e-12);
    }

    [Fact]
    public void Only_channels_that_differ_are_aligned_first()
    {
        static IEnumerable<string> Names(long student) => new SpatialMlp().Build(student, 5).state_dict().Keys;
        Assert.Equal(["conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias"], Names(5));
        Assert.Equal(["align.weight", "align.bias"], Names(3).Except(Names(5)));
    }

    [Fact]
    public void A_position_reaches_two_steps_and_no_further()
    {
        var (module, map) = (Double(3, 3), Wave.Of([1, 3, 7, 7]));
        var moved = map.clone();
        moved[0, 1, 3, 3] += 10; // far enough to wake every ReLU that it can
        var changed = (module.call(moved) - module.call(map)).abs().amax([0, 1]);
        Assert.True(changed[1, 1].ToDouble() > 1e-9);
        Assert.True(changed[5, 5].ToDouble() > 1e-9);
        changed[1..6, 1..6].zero_();
        Assert.Equal(0, changed.max().ToDouble());
    }

    // Nine shifted 1x1 convolutions; zeros stand around the map.
    private static Tensor Neighbours(Tensor weight, Tensor map)
    {
        var (height, width) = ((int)map.shape[2], (int)map.shape[3]);
        var padded = functional.pad(map, (1, 1, 1, 1));
        return Enumerable.Range(0, 9).Select(i => (Y: i / 3, X: i % 3)).Select(at => torch.einsum(
            "oi,nihw->nohw", weight[.., .., at.Y, at.X],
            padded[.., .., at.Y..(at.Y + height), at.X..(at.X + width)])).Aggregate((sum, term) => sum + term);
    }

    private static Module<Tensor, Tensor> Double(long student, long teacher) =>
        Wave.Fill((Module<Tensor, Tensor>)new SpatialMlp().Build(student, teacher).to(torch.float64));
}
