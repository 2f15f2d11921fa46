using KdNotebooks.Aligners;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Aligners;

public sealed class ChannelMlpTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(0, "5x3")]
    [InlineData(1, "5x3 5x5")]
    [InlineData(2, "5x3 5x5 5x5")]
    [InlineData(3, "5x3 5x5 5x5 5x5")]
    [InlineData(4, "5x3 5x5 5x5 5x5 5x5")]
    public void Hidden_layers_are_as_wide_as_the_teacher(int depth, string widths) =>
        Assert.Equal(widths, Widths(new ChannelMlp(depth).Build(3, 5)));

    [Theory]
    [InlineData(0, "5x3")]
    [InlineData(1, "7x3 5x7")]
    [InlineData(3, "7x3 7x7 7x7 5x7")]
    public void Their_width_can_be_chosen(int depth, string widths) =>
        Assert.Equal(widths, Widths(new ChannelMlp(depth, Hidden: 7).Build(3, 5)));

    [Theory]
    [InlineData(0.5, 5, 3)] // a half goes up
    [InlineData(0.5, 6, 3)]
    [InlineData(0.05, 5, 1)] // never less than one
    [InlineData(2, 5, 10)]
    [InlineData(1, 5, 5)]
    public void Their_width_can_be_a_multiple_of_the_teachers(double ratio, int teacher, int hidden)
    {
        var module = new ChannelMlp(2, Ratio: ratio).Build(3, teacher);
        Assert.Equal($"{hidden}x3 {hidden}x{hidden} {teacher}x{hidden}", Widths(module));
    }

    [Theory]
    [InlineData(3, 0, "5x3 5x5")]
    [InlineData(3, 1, "5x3 7x5 5x7")]
    [InlineData(5, 1, "5x5 7x5 5x7")]
    public void A_convolution_without_bias_may_align_first(long student, int depth, string widths)
    {
        var module = new ChannelMlp(depth, Hidden: 7, AlignFirst: true).Build(student, 5);
        Assert.Equal(widths, Widths(module));
        Assert.Null(module.get_parameter("0.bias"));
        Assert.NotNull(module.get_parameter("1.bias"));
    }

    [Fact]
    public void Behind_the_align_it_is_the_same_perceptron()
    {
        var (module, map) = (Double(new ChannelMlp(1, AlignFirst: true)), Wave.Of([2, 3, 4, 6]));
        var aligned = torch.einsum("oi,nihw->nohw", module.get_parameter("0.weight")!.flatten(1), map);
        var mlp = (Module<Tensor, Tensor>)new ChannelMlp().Build(5, 5).to(torch.float64);
        mlp.load_state_dict(module.state_dict().Where(entry => entry.Key[0] != '0')
            .ToDictionary(entry => $"{entry.Key[0] - '1'}{entry.Key[1..]}", entry => entry.Value));
        TensorAssert.Near(mlp.call(aligned), module.call(map), 1e-12);
    }

    [Theory]
    [InlineData(Initialization.KaimingFanOut, 2.0 / 64, 2.0 / 256)]
    [InlineData(Initialization.Xavier, 2.0 / (128 + 64), 2.0 / (64 + 256))]
    public void All_its_weights_can_start_otherwise(Initialization how, double first, double second)
    {
        var module = new ChannelMlp(1, Hidden: 64, Initialization: how).Build(128, 256);
        foreach (var (name, variance) in new[] { ("0", first), ("2", second) })
        {
            var weight = module.get_parameter($"{name}.weight")!;
            Assert.Equal(variance, weight.square().mean().ToDouble(), 0.1 * variance);
            Assert.Equal(0, module.get_parameter($"{name}.bias")!.abs().max().ToDouble());
        }
    }

    [Theory]
    [InlineData(0, true, 1, (3 * 5) + 5)]
    [InlineData(1, true, 7, (3 * 7) + 7 + (7 * 5) + 5)]
    [InlineData(2, true, 7, (3 * 7) + 7 + (7 * 7) + 7 + (7 * 5) + 5)]
    [InlineData(4, true, 7, (3 * 7) + 7 + (3 * ((7 * 7) + 7)) + (7 * 5) + 5)]
    [InlineData(1, false, 7, (3 * 7) + (7 * 5))]
    [InlineData(4, false, 7, (3 * 7) + (3 * 7 * 7) + (7 * 5))]
    public void Its_parameters_are_those_of_the_matrices(int depth, bool bias, int hidden, long count)
    {
        var module = new ChannelMlp(depth, hidden, Bias: bias).Build(3, 5);
        Assert.Equal(count, module.parameters().Sum(parameter => parameter.numel()));
        var names = module.named_parameters().Select(entry => entry.name);
        Assert.Equal(bias, names.Any(name => name.EndsWith("bias", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(0, Activation.ReLU, true)]
    [InlineData(1, Activation.ReLU, true)]
    [InlineData(1, Activation.GELU, true)]
    [InlineData(1, Activation.SiLU, false)]
    [InlineData(2, Activation.None, true)]
    [InlineData(4, Activation.ReLU, false)]
    public void Every_position_goes_through_the_same_matrices(int depth, Activation activation, bool bias)
    {
        var (module, map) = (Double(new ChannelMlp(depth, 7, activation, bias)), Wave.Of([2, 3, 4, 6]));
        var x = map.permute(0, 2, 3, 1).reshape(-1, 3); // [N H W, C_s]
        for (var layer = 0; layer <= depth; layer++)
        {
            x = layer == 0 ? x : Act(activation, x);
            x = x.matmul(module.get_parameter($"{2 * layer}.weight")!.flatten(1).t());
            x = bias ? x + module.get_parameter($"{2 * layer}.bias")! : x;
        }

        TensorAssert.Near(x.view(2, 4, 6, 5).permute(0, 3, 1, 2), module.call(map), 1e-12);
    }

    [Fact]
    public void Positions_may_be_permuted_before_or_after()
    {
        var (module, map) = (Double(new ChannelMlp(2)), Wave.Of([2, 3, 4, 6]));
        var order = RandomStream.Of(1);
        var positions = Enumerable.Range(0, 24).ToArray();
        order.Shuffle(positions);
        Tensor Permuted(Tensor x) => x.flatten(2).index_select(2, torch.tensor(positions)).view(2, -1, 4, 6);
        TensorAssert.Differ(map, Permuted(map));
        TensorAssert.Near(Permuted(module.call(map)), module.call(Permuted(map)), 1e-12);
    }

    [Fact]
    public void Depth_zero_is_linear()
    {
        var (mlp, linear) = (new ChannelMlp(Depth: 0).Build(3, 5), new KdNotebooks.Aligners.Linear().Build(3, 5));
        mlp.load_state_dict(linear.state_dict());
        TensorAssert.Same(linear.call(Wave.Single(2, 3, 4, 4)), mlp.call(Wave.Single(2, 3, 4, 4)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    public void Gradients_reach_every_parameter_and_the_map(int depth)
    {
        var (module, map) = (Double(new ChannelMlp(depth)), Wave.Of([2, 3, 4, 6]).requires_grad_(true));
        module.call(map).square().sum().backward();
        Assert.All(module.parameters().Append(map), x => Assert.True(x.grad!.abs().sum().ToDouble() > 0));
    }

    // Kaiming-uniform with a = sqrt(5): uniform on +-1 / sqrt(C_in), for the weights and the bias.
    [Fact]
    public void Weights_start_as_pytorchs_convolutions_do()
    {
        var module = new ChannelMlp(1, Hidden: 64).Build(256, 64);
        foreach (var (name, bound) in new[] { ("0", 1.0 / 16), ("2", 1.0 / 8) })
        {
            var weight = module.get_parameter($"{name}.weight")!;
            Assert.InRange(weight.abs().max().ToDouble(), 0.95 * bound, bound);
            Assert.InRange(weight.std().ToDouble() * Math.Sqrt(3), 0.95 * bound, 1.05 * bound);
            Assert.InRange(module.get_parameter($"{name}.bias")!.abs().max().ToDouble(), 0.5 * bound, bound);
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(5)]
    public void A_depth_out_of_range_is_refused(int depth)
    {
        var error = Assert.Throws<KdException>(() => new ChannelMlp(depth).Build(3, 5));
        Assert.Contains($"depth is {depth}; expected 0 to 4", error.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    public void A_width_out_of_range_is_refused(int hidden)
    {
        var error = Assert.Throws<KdException>(() => new ChannelMlp(1, hidden).Build(3, 5));
        Assert.Contains($"hidden is {hidden}; expected at least 1", error.Message);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(-0.5)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_ratio_out_of_range_is_refused(double ratio)
    {
        var error = Assert.Throws<KdException>(() => new ChannelMlp(Ratio: ratio).Build(3, 5));
        Assert.Contains($"ratio is {ratio}; expected a finite number above 0", error.Message);
    }

    [Fact]
    public void Two_widths_are_refused()
    {
        var error = Assert.Throws<KdException>(() => new ChannelMlp(Hidden: 7, Ratio: 0.5).Build(3, 5));
        Assert.Contains("hidden is 7 and ratio 0.5, which both say how wide", error.Message);
    }

    [Fact]
    public void Its_options_are_a_value_and_its_name_says_the_depth()
    {
        Assert.Equal(new ChannelMlp(1, null, Activation.ReLU, true), new ChannelMlp());
        Assert.NotEqual(new ChannelMlp(), new ChannelMlp(Bias: false));
        Assert.Equal("mlp-1 mlp-3", $"{new ChannelMlp().Name} {new ChannelMlp(3).Name}");
        Assert.Equal("mlp-2 h64 gelu no-bias", new ChannelMlp(2, 64, Activation.GELU, false).Name);
        Assert.Equal(
            "mlp-1 r0.5 align-first kaiming",
            new ChannelMlp(Ratio: 0.5, AlignFirst: true, Initialization: Initialization.KaimingFanOut).Name);
        Assert.Equal("mlp-1 xavier", new ChannelMlp(Initialization: Initialization.Xavier).Name);
    }

    [Theory]
    [InlineData(Activation.ReLU)]
    [InlineData(Activation.None)]
    public void No_tensor_outlives_a_pass_but_its_output(Activation activation)
    {
        var statistics = DisposeScopeManager.Statistics;
        var (module, map) = (new ChannelMlp(2, Activation: activation).Build(3, 5), Wave.Single(2, 3, 4, 4));
        var before = statistics.ThreadTotalLiveCount;
        module.call(map).Dispose();
        Assert.Equal(before, statistics.ThreadTotalLiveCount);
    }

    private static Module<Tensor, Tensor> Double(ChannelMlp aligner) =>
        Wave.Fill((Module<Tensor, Tensor>)aligner.Build(3, 5).to(torch.float64));

    private static string Widths(Module<Tensor, Tensor> module) => string.Join(' ', module.named_parameters()
        .Where(entry => entry.parameter.dim() == 4)
        .Select(entry => $"{entry.parameter.shape[0]}x{entry.parameter.shape[1]}"));

    private static Tensor Act(Activation activation, Tensor x) => activation switch
    {
        Activation.ReLU => x.clamp_min(0),
        Activation.GELU => x * 0.5 * (1 + (x / Math.Sqrt(2)).erf()),
        Activation.SiLU => x / (1 + (-x).exp()),
        _ => x,
    };
}
