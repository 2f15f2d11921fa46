using KdNotebooks.Aligners;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Aligners;

public sealed class NonLocalTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(6, 2, 3)]
    [InlineData(6, 4, 1)]
    [InlineData(4, 1, 6)]
    [InlineData(4, 99, 1)]
    public void A_weighted_mean_of_all_positions_is_added_to_each(long student, int reduction, long bottleneck)
    {
        var module = Double(new NonLocal(reduction), student, 6);
        Tensor Weight(string name) => module.get_parameter($"{name}.weight")!.flatten(1);
        Tensor Bias(string name) => module.get_parameter($"{name}.bias")!;
        var x = Wave.Of([2, student, 20]);
        if (student != 6)
        {
            x = torch.einsum("oi,nip->nop", Weight("align"), x) + Bias("align").view(1, -1, 1);
        }

        var power = torch.einsum("oi,nip->np", Weight("context.attention"), x).exp();
        var mean = (x * (power / power.sum(1, keepdim: true)).unsqueeze(1)).sum(2); // [N, C]
        var narrow = mean.matmul(Weight("context.transform.squeeze").t()) + Bias("context.transform.squeeze");
        Assert.Equal([2, bottleneck], narrow.shape);
        var centred = narrow - narrow.mean([1], keepdim: true);
        var normal = centred / (centred.square().mean([1], keepdim: true) + 1e-5).sqrt();
        normal = (normal * Weight("context.transform.norm").flatten()) + Bias("context.transform.norm").flatten();
        var added = normal.clamp_min(0).matmul(Weight("context.transform.expand").t())
            + Bias("context.transform.expand");
        Assert.True(added.abs().max().ToDouble() > 0.01);

        TensorAssert.Near(
            (x + added.unsqueeze(2)).view(2, 6, 4, 5), module.call(Wave.Of([2, student, 4, 5])), 1e-12);
    }

    [Fact]
    public void One_position_reaches_all_others()
    {
        var (module, map) = (Double(new NonLocal(), 6, 6), Wave.Of([1, 6, 5, 5]));
        var moved = map.clone();
        moved[0, 2, 0, 0] += 1;
        Assert.True((module.call(moved) - module.call(map)).abs().amax([0, 1]).min().ToDouble() > 1e-6);
    }

    [Fact]
    public void At_first_nothing_is_added()
    {
        var map = Wave.Single(2, 6, 4, 5);
        TensorAssert.Same(map, new NonLocal().Build(6, 6).call(map));
        var module = new NonLocal().Build(4, 6);
        var align = torch.einsum("oi,nihw->nohw", module.get_parameter("align.weight")!.flatten(1), map[.., ..4])
            + module.get_parameter("align.bias")!.view(1, -1, 1, 1);
        TensorAssert.Near(align, module.call(map[.., ..4]), 1e-5);
    }

    [Fact]
    public void The_attention_starts_with_a_variance_of_two_over_its_channels()
    {
        var weight = new NonLocal().Build(1, 1024).get_parameter("context.attention.weight")!;
        Assert.Equal(Math.Sqrt(2.0 / 1024), weight.std().ToDouble(), 0.1 * Math.Sqrt(2.0 / 1024));
    }

    [Fact]
    public void A_reduction_below_one_is_refused() => Assert.Contains(
        "reduction is 0; expected at least 1",
        Assert.Throws<KdException>(() => new NonLocal(0).Build(4, 6)).Message);

    [Fact]
    public void Its_name_says_another_reduction() =>
        Assert.Equal(("non-local", "non-local r4"), (new NonLocal(2).Name, new NonLocal(4).Name));

    private static Module<Tensor, Tensor> Double(NonLocal aligner, long student, long teacher) =>
        Wave.Fill((Module<Tensor, Tensor>)aligner.Build(student, teacher).to(torch.float64));
}
