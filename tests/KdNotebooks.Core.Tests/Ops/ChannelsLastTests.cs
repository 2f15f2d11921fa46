using KdNotebooks.Models;
using KdNotebooks.Ops;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Ops;

public sealed class ChannelsLastTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    // One channel and one position are where torch's own flag cannot tell the layouts apart.
    [Theory]
    [InlineData(2, 3, 4, 5)]
    [InlineData(2, 1, 4, 5)]
    [InlineData(6, 3, 1, 1)]
    [InlineData(1, 1, 1, 1)]
    public void Values_stay_and_channels_lie_closest(long n, long c, long h, long w)
    {
        var map = Wave.Of([n, c, h, w]);
        var laid = ChannelsLast.Of(map);
        Assert.Equal([h * w * c, 1, w * c, c], laid.stride());
        TensorAssert.Same(map, laid);
    }

    [Fact]
    public void A_map_that_lies_so_already_is_not_copied()
    {
        using var laid = ChannelsLast.Of(Wave.Of([2, 3, 4, 5]));
        var again = ChannelsLast.Of(laid);
        again[0, 0, 0, 0] = 7;
        Assert.Equal(7, laid[0, 0, 0, 0].ToDouble());
        Assert.NotSame(laid, again); // each is its owner's to dispose
    }

    [Fact]
    public void Gradients_flow_through()
    {
        var (map, weights) = (Wave.Of([2, 3, 4, 5]).requires_grad_(true), Wave.Of([2, 3, 4, 5], 0.9));
        (ChannelsLast.Of(map) * weights).sum().backward();
        TensorAssert.Same(weights, map.grad!);
    }

    [Fact]
    public void One_tensor_comes_out_and_none_stays_behind()
    {
        var statistics = DisposeScopeManager.Statistics;
        var (map, model) = (Wave.Of([2, 3, 4, 5]), new ResNet(8, 2, 1, 10));
        var before = statistics.ThreadTotalLiveCount;
        ChannelsLast.Of(map).Dispose();
        ChannelsLast.Apply(model);
        Assert.Equal(before, statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_models_parameters_stay_the_same_objects_and_compute_the_same()
    {
        var (model, images) = (Wave.Fill(new ResNet(8, 2, 1, 10)), Wave.Single(2, 1, 8, 8));
        model.eval();
        var (before, handles) = (model.call(images), model.parameters().Select(parameter => parameter.Handle).ToList());

        ChannelsLast.Apply(model);

        Assert.Equal(handles, model.parameters().Select(parameter => parameter.Handle));
        Assert.All(model.parameters(), parameter => Assert.True(parameter.requires_grad && parameter.is_leaf));
        Assert.All(model.parameters().Where(parameter => parameter.dim() == 4), weight => Assert.Equal(
            [weight[0].numel(), 1, weight.shape[3] * weight.shape[1], weight.shape[1]], weight.stride()));
        TensorAssert.Near(before, model.call(images), 1e-5);
    }

    [Fact]
    public void An_optimizer_trains_the_parameters_and_keeps_their_layout()
    {
        var conv = Wave.Fill(Conv2d(3, 4, 3));
        ChannelsLast.Apply(conv);
        var (strides, start) = (conv.weight!.stride(), conv.weight.detach().clone());
        using var optimizer = torch.optim.SGD(conv.parameters(), 0.5);

        conv.call(Wave.Single(1, 3, 5, 5)).square().sum().backward();
        optimizer.step();

        TensorAssert.Near(start - (conv.weight.grad! * 0.5), conv.weight.detach(), 1e-6);
        Assert.Equal(strides, conv.weight.stride());
    }

    // Without its guard oneDNN writes past a buffer here: the process dies, or the gradient is wrong.
    [Theory]
    [InlineData(3, 16)]
    [InlineData(8, 16)]
    [InlineData(15, 8)]
    public void A_strided_pointwise_convolution_of_few_channels_has_a_sound_gradient(long inputs, long outputs)
    {
        var conv = Wave.Fill(Conv2d(inputs, outputs, 1, 2, bias: false));
        var images = Wave.Single(32, inputs, 28, 28);
        conv.call(images).square().sum().backward();
        var sound = conv.weight!.grad!.clone();

        ChannelsLast.Apply(conv);
        for (var step = 0; step < 10; step++)
        {
            conv.weight.grad!.zero_();
            conv.call(ChannelsLast.Of(images)).square().sum().backward();
            TensorAssert.Near(sound, conv.weight.grad, 1e-4);
        }
    }

    [Fact]
    public void Weights_that_are_no_maps_are_left_alone()
    {
        var linear = Linear(3, 4);
        var strides = linear.weight!.stride();
        ChannelsLast.Apply(linear);
        Assert.Equal(strides, linear.weight.stride());
    }
}
