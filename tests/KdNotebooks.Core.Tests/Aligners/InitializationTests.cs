using KdNotebooks.Aligners;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Aligners;

public sealed class InitializationTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    // 64 channels in, 256 out.
    [Theory]
    [InlineData(Initialization.KaimingFanOut, 2.0 / 256, 3.5)]
    [InlineData(Initialization.Xavier, 2.0 / (64 + 256), 1.7320508)]
    public void Weights_have_the_variance_and_the_tails_of_their_law(Initialization how, double variance, double tail)
    {
        var conv = Initializations.Apply(Conv2d(64, 256, 1), how);
        var deviation = Math.Sqrt(variance);
        Assert.Equal(deviation, conv.weight!.std().ToDouble(), 0.03 * deviation);
        Assert.Equal(0, conv.weight!.mean().ToDouble(), 0.05 * deviation);
        var largest = conv.weight!.abs().max().ToDouble() / deviation; // normal: over 3.5; uniform: sqrt(3)
        Assert.True(how == Initialization.Xavier ? largest <= tail + 1e-4 : largest >= tail, $"{largest}");
        Assert.Equal(0, conv.bias!.abs().max().ToDouble());
    }

    [Fact]
    public void By_default_nothing_is_drawn_again()
    {
        var conv = Conv2d(4, 5, 1);
        var (weight, bias) = (conv.weight!.clone(), conv.bias!.clone());
        Initializations.Apply(conv, Initialization.Default);
        TensorAssert.Same(weight, conv.weight!);
        TensorAssert.Same(bias, conv.bias!);
    }

    [Fact]
    public void Every_convolution_within_is_drawn_with_a_bias_or_without()
    {
        var module = Initializations.Apply(
            Sequential(Conv2d(64, 64, 1, bias: false), ReLU(), Conv2d(64, 64, 1)), Initialization.KaimingFanOut);
        Assert.All(new[] { "0", "2" }, at => Assert.InRange(
            module.get_parameter($"{at}.weight")!.std().ToDouble(), 0.95 * Math.Sqrt(2.0 / 64), 1.05 * Math.Sqrt(2.0 / 64)));
        Assert.Equal(0, module.get_parameter("2.bias")!.abs().max().ToDouble());
    }

    [Fact]
    public void An_unknown_one_is_refused() => Assert.Contains(
        "'9' is not known; expected Default, KaimingFanOut, Xavier",
        Assert.Throws<KdException>(() => Initializations.Apply(Conv2d(4, 5, 1), (Initialization)9)).Message);
}
