using KdNotebooks.Aligners;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Aligners;

public sealed class ActivationTests
{
    // At -1, 0 and 2: Phi(2) = 0.97724987, Phi(-1) = 0.15865525; sigmoid(2) = 0.88079708, sigmoid(-1) = 0.26894142.
    [Theory]
    [InlineData(Activation.ReLU, 0, 2)]
    [InlineData(Activation.GELU, -0.15865525393145707, 1.9544997361036416)]
    [InlineData(Activation.SiLU, -0.2689414213699951, 1.7615941559557649)]
    [InlineData(Activation.None, -1, 2)]
    public void Each_has_its_values(Activation activation, double atMinusOne, double atTwo)
    {
        using var scope = torch.NewDisposeScope();
        var came = Activations.Build(activation).call(torch.tensor(new[] { -1.0, 0, 2 })).data<double>().ToArray();
        Assert.Equal(atMinusOne, came[0], 1e-12);
        Assert.Equal(0, came[1]);
        Assert.Equal(atTwo, came[2], 1e-12);
    }

    [Fact]
    public void An_unknown_one_is_refused_with_the_known()
    {
        var error = Assert.Throws<KdException>(() => Activations.Build((Activation)9));
        Assert.Contains("'9' is not known; expected ReLU, GELU, SiLU, None", error.Message);
    }
}
