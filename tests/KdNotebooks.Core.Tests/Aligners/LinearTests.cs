using KdNotebooks.Aligners;

namespace KdNotebooks.Tests.Aligners;

public sealed class LinearTests
{
    [Theory]
    [InlineData(true, 20)]
    [InlineData(false, 15)]
    public void It_is_one_matrix_over_the_channels(bool bias, long parameters)
    {
        using var scope = torch.NewDisposeScope();
        var (module, map) = (Wave.Fill(new Linear(bias).Build(3, 5)), Wave.Single(2, 3, 4, 6));
        Assert.Equal(parameters, module.parameters().Sum(parameter => parameter.numel()));
        var expected = torch.einsum("oi,nihw->nohw", module.get_parameter("0.weight")!.flatten(1), map);
        expected = bias ? expected + module.get_parameter("0.bias")!.view(1, -1, 1, 1) : expected;
        TensorAssert.Near(expected, module.call(map), 1e-5);
    }

    [Fact]
    public void Its_name_is_linear_and_its_bias_is_on()
    {
        Assert.Equal("linear", new Linear().Name);
        Assert.Equal(new Linear(true), new Linear());
    }
}
