using KdNotebooks.Aligners;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Aligners;

public sealed class BatchNormLinearTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();
    private readonly Module<Tensor, Tensor> module =
        Wave.Fill((Module<Tensor, Tensor>)new BatchNormLinear().Build(3, 5).to(torch.float64));

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.01)] // so small that the eps is seen
    public void Each_channel_is_centred_and_scaled_over_batch_and_positions(double height)
    {
        var map = Wave.Of([2, 3, 4, 6], height: height);
        var x = Linear(map);
        var centred = x - x.mean([0, 2, 3], keepdim: true);
        var expected = centred / (centred.square().mean([0, 2, 3], keepdim: true) + 1e-4).sqrt();
        TensorAssert.Near(expected, module.call(map), 1e-10);
    }

    [Fact]
    public void In_evaluation_the_running_statistics_stand_in()
    {
        module.eval();
        var (mean, variance) = (Buffer("running_mean"), Buffer("running_var"));
        TensorAssert.Near(
            (Linear(Wave.Of([2, 3, 4, 6])) - mean) / (variance + 1e-4).sqrt(), module.call(Wave.Of([2, 3, 4, 6])), 1e-10);
        Tensor Buffer(string name) => module.state_dict()[$"1.{name}"].view(1, -1, 1, 1);
    }

    [Fact]
    public void Its_one_parameter_is_the_matrix() =>
        Assert.Equal([5, 3, 1, 1], Assert.Single(module.parameters()).shape);

    private Tensor Linear(Tensor map) =>
        torch.einsum("oi,nihw->nohw", module.get_parameter("0.weight")!.flatten(1), map);
}
