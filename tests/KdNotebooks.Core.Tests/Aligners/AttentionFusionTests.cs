using KdNotebooks.Aligners;
using KdNotebooks.Ops;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Aligners;

public sealed class AttentionFusionTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    // From 2 x 3 positions: twice as many, and a number that is no multiple.
    [Theory]
    [InlineData(4, 6, "0 0 1 1", "0 0 1 1 2 2")]
    [InlineData(3, 5, "0 0 1", "0 0 1 1 2")]
    [InlineData(2, 3, "0 1", "0 1 2")]
    public void A_map_is_mixed_with_the_upsampled_one_by_two_attentions(long height, long width, string rows, string columns)
    {
        var module = Double(deepest: false);
        var (x, y) = (Wave.Of([2, 3, height, width]), Wave.Of([2, 4, 2, 3], 0.9));
        static Tensor Index(string text) => torch.tensor(text.Split(' ').Select(long.Parse).ToArray());
        var above = y.index_select(2, Index(rows)).index_select(3, Index(columns));
        var own = Normal(torch.einsum("oi,nihw->nohw", Weight(module, "reduce.0").flatten(1), x), module, "reduce.1");
        var score = torch.einsum(
            "oi,nihw->nohw", Weight(module, "attention").flatten(1), torch.cat([own, above], 1))
            + module.get_parameter("attention.bias")!.view(1, 2, 1, 1);
        var share = 1 / (1 + (-score).exp());
        var expected = (own * share[.., 0].unsqueeze(1)) + (above * share[.., 1].unsqueeze(1));

        var (output, fused) = module.call(x, y);

        TensorAssert.Near(expected, fused, 1e-12);
        TensorAssert.Near(Expanded(expected, module), output, 1e-12);
        Assert.Equal([2, 5, height, width], output.shape);
    }

    [Fact]
    public void The_deepest_map_stands_for_itself()
    {
        var (module, x) = (Double(deepest: true), Wave.Of([2, 3, 4, 6]));
        var (output, fused) = module.call(x, null);
        var own = Normal(torch.einsum("oi,nihw->nohw", Weight(module, "reduce.0").flatten(1), x), module, "reduce.1");
        TensorAssert.Near(own, fused, 1e-12);
        TensorAssert.Near(Expanded(own, module), output, 1e-12);
        Assert.DoesNotContain(module.state_dict().Keys, name => name.StartsWith("attention", StringComparison.Ordinal));
    }

    [Fact]
    public void Gradients_reach_both_maps_and_every_parameter()
    {
        var module = Double(deepest: false);
        var (x, y) = (Wave.Of([2, 3, 4, 6]).requires_grad_(true), Wave.Of([2, 4, 2, 3], 0.9).requires_grad_(true));
        var (output, _) = module.call(x, y);
        (output * Wave.Of([2, 5, 4, 6], 0.7)).sum().backward();
        Assert.All(module.parameters().Append(x).Append(y), t => Assert.True(t.grad!.abs().max().ToDouble() > 1e-6));
    }

    [Fact]
    public void The_convolutions_start_uniform_on_the_root_of_three_over_fan_in_and_have_no_bias()
    {
        var module = new AttentionFusion(64, 32, 16, deepest: false);
        foreach (var (name, fan) in new[] { ("reduce.0", 64), ("expand.0", 32 * 9) })
        {
            var bound = Math.Sqrt(3.0 / fan);
            Assert.InRange(Weight(module, name).abs().max().ToDouble(), 0.95 * bound, bound * (1 + 1e-6));
            Assert.Equal(bound / Math.Sqrt(3), Weight(module, name).std().ToDouble(), 0.05 * bound);
            Assert.Null(module.get_parameter($"{name}.bias"));
        }
    }

    [Fact]
    public void Channels_last_in_single_precision_gives_the_exact_maps()
    {
        var (exact, laid) = (Double(deepest: false), Wave.Fill(new AttentionFusion(3, 4, 5, deepest: false)));
        ChannelsLast.Apply(laid);
        var (x, y) = (Wave.Of([2, 3, 4, 6]), Wave.Of([2, 4, 2, 3], 0.9));
        var (expected, came) = (exact.call(x, y), laid.call(ChannelsLast.Of(Single(x)), ChannelsLast.Of(Single(y))));
        TensorAssert.Near(expected.Output, came.Output.to(torch.float64), 1e-5);
        TensorAssert.Near(expected.Fused, came.Fused.to(torch.float64), 1e-5);
        static Tensor Single(Tensor map) => map.to(torch.float32);
    }

    [Fact]
    public void Two_tensors_come_out_and_none_stays_behind()
    {
        var statistics = DisposeScopeManager.Statistics;
        var (module, x, y) = (Double(deepest: false), Wave.Of([2, 3, 4, 6]), Wave.Of([2, 4, 2, 3]));
        module.call(x, y);
        var before = statistics.ThreadTotalLiveCount;
        module.call(x, y);
        Assert.Equal(before + 2, statistics.ThreadTotalLiveCount);
    }

    private static AttentionFusion Double(bool deepest)
    {
        var module = new AttentionFusion(3, 4, 5, deepest);
        module.to(torch.float64);
        return Wave.Fill(module);
    }

    private static Tensor Weight(Module module, string name) => module.get_parameter($"{name}.weight")!;

    private static Tensor Expanded(Tensor map, Module module) =>
        Normal(functional.conv2d(map, Weight(module, "expand.0"), padding: [1, 1]), module, "expand.1");

    // As in training: over the batch and all positions.
    private static Tensor Normal(Tensor x, Module module, string name)
    {
        var centred = x - x.mean([0, 2, 3], keepdim: true);
        var scaled = centred / (centred.square().mean([0, 2, 3], keepdim: true) + 1e-5).sqrt();
        return (scaled * Weight(module, name).view(1, -1, 1, 1)) + module.get_parameter($"{name}.bias")!.view(1, -1, 1, 1);
    }
}
