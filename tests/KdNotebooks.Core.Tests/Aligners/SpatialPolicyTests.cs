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
        var resized = Module(SpatialPolicy.Resize, fromH, fromW, toH, toW).call(map);
        TensorAssert.Near(Bilinear(map, toH, toW), resized, 1e-12);
    }

    [Fact]
    public void Pool_to_half_the_size_is_the_mean_of_two_by_two()
    {
        var map = Wave.Of([2, 3, 6, 4]);
        var expected = map.view(2, 3, 3, 2, 2, 2).mean([3, 5]);
        TensorAssert.Near(expected, Module(SpatialPolicy.Pool, 6, 4, 3, 2).call(map), 1e-12);
    }

    [Fact]
    public void Pool_takes_odd_sizes_too()
    {
        var map = Wave.Of([2, 3, 7, 5]);
        var expected = functional.adaptive_avg_pool2d(map, [4, 5]);
        TensorAssert.Near(expected, Module(SpatialPolicy.Pool, 7, 5, 4, 5).call(map), 1e-12);
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
        var conv = Assert.IsType<Conv2d>(Wave.Fill(Module(SpatialPolicy.StridedConv, fromH, fromW, toH, toW)));
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
        var conv = Wave.Fill(Module(SpatialPolicy.StridedConv, height, width, 2 * height, 2 * width));
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
        var module = Wave.Fill(Module(policy, from, from, to, to));
        var map = Wave.Single(2, 3, from, from).requires_grad_(true);
        Assert.Equal(parameters, module.parameters().Count());
        module.call(map).square().sum().backward();
        Assert.All(module.parameters().Append(map), x => Assert.True(x.grad!.abs().sum().ToDouble() > 0));
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

    private static Module<Tensor, Tensor> Module(SpatialPolicy policy, long fromH, long fromW, long toH, long toW) =>
        SpatialPolicies.Build(policy, new FeatureShape(3, fromH, fromW), new FeatureShape(6, toH, toW))!;

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
