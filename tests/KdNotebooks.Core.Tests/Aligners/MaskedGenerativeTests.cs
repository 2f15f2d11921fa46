using KdNotebooks.Aligners;
using KdNotebooks.Native;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Aligners;

[Collection(TorchState.Name)]
public sealed class MaskedGenerativeTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(0.0, true)]
    [InlineData(0.65, false)]
    public void With_nothing_to_mask_or_in_evaluation_it_is_the_spatial_mlp(double ratio, bool training)
    {
        foreach (var kind in Enum.GetValues<MaskKind>())
        {
            var (masked, spatial) = (Double(new MaskedGenerative(ratio, kind)), Double(new SpatialMlp()));
            masked.train(training);
            TensorAssert.Same(spatial.call(Wave.Of([2, 3, 4, 6])), masked.call(Wave.Of([2, 3, 4, 6])));
        }
    }

    [Theory]
    [InlineData(0.15, MaskKind.Channel)]
    [InlineData(0.65, MaskKind.Channel)]
    [InlineData(0.15, MaskKind.Spatial)]
    [InlineData(0.75, MaskKind.Spatial)]
    public void The_ratio_is_masked_as_wholes_and_the_rest_stays_as_it_is(double ratio, MaskKind kind)
    {
        Seed.Set(1);
        var masked = Transparent(ratio, kind).call(Ones(200, 20, 10, 10));
        var kept = kind == MaskKind.Channel ? masked[.., .., ..1, ..1] : masked[.., ..1]; // what was drawn
        TensorAssert.Same(kept.expand(200, 20, 10, 10), masked);
        Assert.All(kept.flatten().data<double>().ToArray(), value => Assert.True(value is 0 or 1));
        var deviation = Math.Sqrt(ratio * (1 - ratio) / kept.numel());
        Assert.Equal(1 - ratio, kept.mean().ToDouble(), 4 * deviation);
    }

    [Fact]
    public void What_is_masked_are_the_channels_behind_the_align()
    {
        Seed.Set(1);
        var masked = Transparent(0.5, MaskKind.Channel, student: 1).call(Ones(1, 1, 2, 2));
        Assert.Equal(2, masked.flatten().data<double>().ToArray().Distinct().Count());
    }

    [Fact]
    public void The_mask_comes_from_torchs_generator_anew_each_pass()
    {
        var (module, map) = (Double(new MaskedGenerative(0.5)), Wave.Of([2, 3, 4, 6]));
        Seed.Set(1);
        var (first, second) = (module.call(map), module.call(map));
        Seed.Set(1);
        TensorAssert.Same(first, module.call(map));
        TensorAssert.Differ(first, second);
    }

    [Fact]
    public void In_evaluation_nothing_is_drawn()
    {
        var module = new MaskedGenerative(0.5).Build(3, 5);
        module.eval();
        Seed.Set(1);
        var before = torch.get_rng_state();
        module.call(Wave.Single(2, 3, 4, 6));
        TensorAssert.Same(before, torch.get_rng_state());
    }

    [Fact]
    public void What_is_masked_gets_no_gradient()
    {
        Seed.Set(1);
        var map = Ones(2, 20, 4, 6).requires_grad_(true);
        var masked = Transparent(0.5, MaskKind.Spatial).call(map);
        masked.sum().backward();
        TensorAssert.Same(masked.detach(), map.grad!);
        TensorAssert.Differ(masked, map);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.0)]
    [InlineData(double.NaN)]
    public void A_ratio_out_of_range_is_refused(double ratio)
    {
        var error = Assert.Throws<KdException>(() => new MaskedGenerative(ratio).Build(3, 5));
        Assert.Contains($"ratio is {ratio}; expected a number of at least 0 and less than 1", error.Message);
    }

    [Fact]
    public void Its_name_says_what_is_not_the_default()
    {
        Assert.Equal(new MaskedGenerative(0.15, MaskKind.Channel), new MaskedGenerative());
        Assert.Equal("masked", new MaskedGenerative().Name);
        Assert.Equal("masked 0.65 spatial", new MaskedGenerative(0.65, MaskKind.Spatial).Name);
    }

    private static Module<Tensor, Tensor> Double(IAligner aligner) =>
        Wave.Fill((Module<Tensor, Tensor>)aligner.Build(3, 5).to(torch.float64));

    private static Tensor Ones(params long[] shape) => torch.ones(shape, dtype: torch.float64);

    // Its convolutions let everything through: what comes out for a map without negative values is the masked map.
    private static Module<Tensor, Tensor> Transparent(double ratio, MaskKind kind, long student = 20)
    {
        using var noGrad = torch.no_grad();
        var module = new MaskedGenerative(ratio, kind).Build(student, 20).to(torch.float64);
        module.parameters().ToList().ForEach(parameter => parameter.zero_());
        foreach (var name in new[] { "conv1", "conv2" })
        {
            module.get_parameter($"{name}.weight")![.., .., 1, 1] = torch.eye(20, dtype: torch.float64);
        }

        if (student != 20)
        {
            module.get_parameter("align.weight")!.fill_(1);
        }

        return (Module<Tensor, Tensor>)module;
    }
}
