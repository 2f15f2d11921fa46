using KdNotebooks.Aligners;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Aligners;

public sealed class ConvRegTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_is_a_matrix_a_normalization_and_a_relu_if_wanted(bool relu)
    {
        var (module, map) = (Double(relu), Wave.Of([2, 3, 4, 6]));
        var x = torch.einsum("oi,nihw->nohw", module.get_parameter("0.weight")!.flatten(1), map);
        var centred = x - x.mean([0, 2, 3], keepdim: true);
        x = centred / (centred.square().mean([0, 2, 3], keepdim: true) + 1e-5).sqrt();
        x = (x * Channel("1.weight")) + Channel("1.bias");
        TensorAssert.Near(relu ? x.clamp_min(0) : x, module.call(map), 1e-10);
        Tensor Channel(string name) => module.get_parameter(name)!.view(1, -1, 1, 1);
    }

    [Fact]
    public void Its_parameters_are_a_matrix_and_two_numbers_a_channel() =>
        Assert.Equal((3 * 5) + (2 * 5), Double(true).parameters().Sum(parameter => parameter.numel()));

    [Fact]
    public void Its_name_says_when_there_is_no_relu() =>
        Assert.Equal(("conv-reg", "conv-reg no-relu"), (new ConvReg().Name, new ConvReg(false).Name));

    private static Module<Tensor, Tensor> Double(bool relu) =>
        Wave.Fill((Module<Tensor, Tensor>)new ConvReg(relu).Build(3, 5).to(torch.float64));
}
