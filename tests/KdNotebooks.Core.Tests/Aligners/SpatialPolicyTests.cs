using KdNotebooks.Aligners;
using KdNotebooks.Runtime;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Aligners;

public sealed class SpatialPolicyTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(SpatialPolicy.None)]
    [InlineData(SpatialPolicy.Resize)]
    [InlineData(SpatialPolicy.StridedConv)]
    [InlineData(SpatialPolicy.Pool)]
    public void Equal_sizes_need_nothing(SpatialPolicy policy) =>
        Assert.Null(SpatialPolicies.Build(policy, new FeatureShape(3, 7, 5), new FeatureShape(6, 7, 5)));

    [Theory]
    [InlineData(14, 7, 9, 3)]
    [InlineData(7, 14, 5, 10)]
    [InlineData(4, 7, 6, 3)]
    public void Resize_is_bilinear_without_aligned_corners(long fromH, long toH, long fromW, long toW)
    {
        var map = Wave.Of([2, 3, fromH, fromW]);
        var resized = Fit(SpatialPolicy.Resize, map, toH, toW);
        TensorAssert.Near(Bilinear(map, toH, toW), resized, 1e-12);
    }

    [Fact]
    public void Pool_to_half_the_size_is_the_mean_of_two_by_two()
    {
        var map = Wave.Of([2, 3, 6, 4]);
        var expected = map.view(2, 3, 3, 2, 2, 2).mean([3, 5]);
        TensorAssert.Near(expected, Fit(SpatialPolicy.Pool, map, 3, 2), 1e-12);
    }

    [Fact]
    public void Pool_takes_odd_sizes_too()
    {
        var map = Wave.Of([2, 3, 7, 5]);
        var expected = functional.adaptive_avg_pool2d(map, [4, 5]);
        TensorAssert.Near(expected, Fit(SpatialPolicy.Pool, map, 4, 5), 1e-12);
    }

    // Kernel, stride and padding by hand; odd sizes halve upwards, as a network's own stride does.
    [Theory]
    [InlineData(14, 14, 7, 7, 3, 3, 2, 1)]
    [InlineData(7, 7, 4, 4, 3, 3, 2, 1)]
    [InlineData(7, 1, 4, 1, 3, 3, 2, 1)]
    [InlineData(1, 7, 1, 4, 3, 3, 2, 1)]
    [InlineData(8, 8, 7, 7, 2, 2, 1, 0)]
    [InlineData(14, 14, 4, 4, 11, 11, 1, 0)]
    [InlineData(7, 5, 7, 4, 1, 2, 1, 0)]
    public void A_smaller_map_takes_a_convolution(
        long fromH, long fromW, long toH, long toW, long kernelH, long kernelW, long stride, long padding)
    {
        var conv = Assert.IsType<Conv2d>(Wave.Fill(Module(SpatialPolicy.StridedConv, fromH, fromW, toH, toW)!));
        var map = Wave.Single(2, 3, fromH, fromW);
        Assert.Equal([3, 3, kernelH, kernelW], conv.weight!.shape);
        var output = conv.call(map);
        Assert.Equal([2, 3, toH, toW], output.shape);
        var expected = functional.conv2d(map, conv.weight, conv.bias, [stride, stride], [padding, padding]);
        TensorAssert.Same(expected, output);
    }

    [Theory]
    [InlineData(7, 7)]
    [InlineData(5, 3)]
    public void A_map_twice_as_large_takes_a_transposed_convolution(long height, long width)
    {
        var conv = Wave.Fill(Module(SpatialPolicy.StridedConv, height, width, 2 * height, 2 * width)!);
        var map = Wave.Single(2, 3, height, width);
        Assert.Equal([3, 3, 4, 4], Assert.IsType<ConvTranspose2d>(conv).weight!.shape);
        var output = conv.call(map);
        Assert.Equal([2, 3, 2 * height, 2 * width], output.shape);
    }

    [Theory]
    [InlineData(SpatialPolicy.Resize, 7, 14, 0)]
    [InlineData(SpatialPolicy.Pool, 14, 7, 0)]
    [InlineData(SpatialPolicy.StridedConv, 14, 7, 2)]
    [InlineData(SpatialPolicy.StridedConv, 7, 14, 2)]
    [InlineData(SpatialPolicy.StridedConv, 8, 5, 2)]
    public void Gradients_reach_the_map_and_every_parameter(SpatialPolicy policy, long from, long to, int parameters)
    {
        var module = Module(policy, from, from, to, to);
        var map = Wave.Single(2, 3, from, from).requires_grad_(true);
        List<TorchSharp.Modules.Parameter> learned = module is null ? [] : [.. Wave.Fill(module).parameters()];
        Assert.Equal(parameters, learned.Count);
        SpatialPolicies.Fit(policy, module, map, torch.zeros(2, 6, to, to)).square().sum().backward();
        Assert.All(learned.Append(map), x => Assert.True(x.grad!.abs().sum().ToDouble() > 0));
    }

    [Theory]
    [InlineData(SpatialPolicy.None, 14, 14, 7, 7, "no spatial policy was given. Choose one: Resize (bilinear)")]
    [InlineData(SpatialPolicy.Pool, 7, 7, 14, 14, "Pool only makes maps smaller. Use Resize or StridedConv")]
    [InlineData(SpatialPolicy.Pool, 7, 14, 8, 7, "Pool only makes maps smaller")]
    [InlineData(SpatialPolicy.StridedConv, 7, 7, 15, 15, "StridedConv enlarges by a factor of 2 only. Use Resize")]
    [InlineData(SpatialPolicy.StridedConv, 7, 7, 14, 7, "StridedConv enlarges by a factor of 2 only")]
    [InlineData(SpatialPolicy.StridedConv, 7, 14, 14, 7, "StridedConv enlarges by a factor of 2 only")]
    public void What_a_policy_cannot_do_is_refused_with_both_shapes(
        SpatialPolicy policy, long fromH, long fromW, long toH, long toW, string why)
    {
        var error = Assert.Throws<KdException>(() => Module(policy, fromH, fromW, toH, toW));
        Assert.Contains($"[3, {fromH}, {fromW}] and the teacher's [6, {toH}, {toW}]", error.Message);
        Assert.Contains(why, error.Message);
    }

    // Built for one size, and then a batch of larger images comes.
    [Theory]
    [InlineData(SpatialPolicy.Resize, 9, 11, 5, 6)]
    [InlineData(SpatialPolicy.Resize, 5, 6, 9, 11)]
    [InlineData(SpatialPolicy.Pool, 9, 11, 5, 6)]
    [InlineData(SpatialPolicy.StridedConv, 9, 12, 5, 6)]
    public void What_was_built_for_one_size_takes_another(
        SpatialPolicy policy, long fromH, long fromW, long toH, long toW)
    {
        var module = policy == SpatialPolicy.Resize ? null : Module(policy, 14, 14, 7, 7);
        var came = SpatialPolicies.Fit(policy, module, Wave.Single(2, 3, fromH, fromW), torch.zeros(2, 6, toH, toW));
        Assert.Equal([2, 3, toH, toW], came.shape);
    }

    [Theory]
    [InlineData(SpatialPolicy.None, 8, 8)]
    [InlineData(SpatialPolicy.Pool, 6, 8)]
    [InlineData(SpatialPolicy.StridedConv, 8, 8)]
    public void A_batch_that_a_policy_cannot_fit_is_refused_with_both_shapes(
        SpatialPolicy policy, long height, long width)
    {
        var module = policy == SpatialPolicy.StridedConv ? Module(policy, 14, 14, 7, 7) : null;
        var error = Assert.Throws<KdException>(() => SpatialPolicies.Fit(
            policy, module, Wave.Single(2, 3, height, width), torch.zeros(2, 6, 7, 7)));
        Assert.Contains("and the teacher's [6, 7, 7]", error.Message);
        Assert.Contains($"the policy {policy} does not bring them together in this batch. Use Resize.", error.Message);
    }

    [Fact]
    public void Global_is_the_mean_over_all_positions_whatever_the_sizes()
    {
        Assert.Null(Module(SpatialPolicy.Global, 9, 4, 3, 5));
        var map = Wave.Of([2, 3, 9, 4]);
        TensorAssert.Near(map.mean([2, 3], keepdim: true), Fit(SpatialPolicy.Global, map, 3, 5), 1e-12);
    }

    [Fact]
    public void A_map_of_the_right_size_is_the_same_and_can_be_disposed()
    {
        var map = Wave.Of([2, 3, 4, 5]);
        using (var same = Fit(SpatialPolicy.None, map, 4, 5))
        {
            TensorAssert.Same(map, same);
        }

        Assert.False(map.IsInvalid);
    }

    private static Module<Tensor, Tensor>? Module(SpatialPolicy policy, long fromH, long fromW, long toH, long toW) =>
        SpatialPolicies.Build(policy, new FeatureShape(3, fromH, fromW), new FeatureShape(6, toH, toW));

    // With nothing that is learned.
    private static Tensor Fit(SpatialPolicy policy, Tensor map, long height, long width) =>
        SpatialPolicies.Fit(policy, null, map, torch.zeros(2, 6, height, width));

    // By hand, from the definition: an output's centre lies at (i + 1/2) from / to - 1/2 of the input, kept inside it.
    private static Tensor Bilinear(Tensor map, long height, long width) => torch.einsum(
        "yh,nchw,xw->ncyx", Weights(map.shape[2], height), map, Weights(map.shape[3], width));

    private static Tensor Weights(long from, long to)
    {
        var weights = new double[to, from];
        for (var i = 0; i < to; i++)
        {
            var at = Math.Max(0, ((i + 0.5) * from / to) - 0.5);
            var (low, share) = ((long)at, at - (long)at);
            weights[i, low] += 1 - share;
            weights[i, Math.Min(low + 1, from - 1)] += share;
        }

        return torch.tensor(weights);
    }
}
