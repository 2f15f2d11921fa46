using KdNotebooks.Aligners;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Aligners;

public sealed class ProjectorEnsembleTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public void It_is_the_mean_of_so_many_projectors_each_behind_its_relu(int count)
    {
        var (module, map) = (new ProjectorEnsemble(count).Build(3, 5).to(torch.float64), Wave.Of([2, 3, 4, 6]));
        Wave.Fill(module);
        var weights = module.get_parameter("projectors.weight")!.flatten(1).chunk(count);
        var biases = module.get_parameter("projectors.bias")!.chunk(count);
        Assert.Equal(count, weights.Length);
        var sum = weights.Zip(biases, (weight, bias) => (torch.einsum("oi,nihw->nohw", weight, map)
            + bias.view(1, -1, 1, 1)).clamp_min(0)).Aggregate((a, b) => a + b);
        TensorAssert.Near(sum / count, ((Module<Tensor, Tensor>)module).call(map), 1e-12);
    }

    [Fact]
    public void Each_starts_as_a_convolution_of_its_own_would()
    {
        var weights = new ProjectorEnsemble().Build(256, 64).get_parameter("projectors.weight")!.chunk(3);
        Assert.All(weights, weight => Assert.InRange(weight.abs().max().ToDouble(), 0.95 / 16, 1.0 / 16));
        TensorAssert.Differ(weights[0], weights[1]);
        TensorAssert.Differ(weights[1], weights[2]);
    }

    [Fact]
    public void Less_than_one_is_refused() => Assert.Contains(
        "count is 0; expected at least 1",
        Assert.Throws<KdException>(() => new ProjectorEnsemble(0).Build(3, 5)).Message);

    [Fact]
    public void Its_name_says_another_number() =>
        Assert.Equal(("ensemble", "ensemble q5"), (new ProjectorEnsemble(3).Name, new ProjectorEnsemble(5).Name));
}
