using KdNotebooks.Tracing;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Classification;

/// <summary>
/// torchvision's <c>mobilenet_v3_large</c>, with its names. Howard et al. 2019 (arXiv:1905.02244), table 1.
/// </summary>
internal sealed class MobileNetV3 : ImageNetwork
{
    // Kernel, inner channels, channels out, whether channels are weighed, whether Hardswish, stride.
    private static readonly (int Kernel, int Inner, int Out, bool Weighs, bool Hard, int Stride)[] Settings =
    [
        (3, 16, 16, false, false, 1), (3, 64, 24, false, false, 2), (3, 72, 24, false, false, 1),
        (5, 72, 40, true, false, 2), (5, 120, 40, true, false, 1), (5, 120, 40, true, false, 1),
        (3, 240, 80, false, true, 2), (3, 200, 80, false, true, 1), (3, 184, 80, false, true, 1),
        (3, 184, 80, false, true, 1), (3, 480, 112, true, true, 1), (3, 672, 112, true, true, 1),
        (5, 672, 160, true, true, 2), (5, 960, 160, true, true, 1), (5, 960, 160, true, true, 1),
    ];

    private readonly Steps features;

    /// <param name="width">Times all channels.</param>
    public MobileNetV3(double width, int channels, int classes) : base(nameof(MobileNetV3))
    {
        var inputs = Channels.Of(16 * width);
        List<Module<Tensor, Tensor>> parts = [Convolution(channels, inputs, 3, 2, 1, Hardswish(true))];
        foreach (var (kernel, inner, full, weighs, hard, stride) in Settings)
        {
            var outputs = Channels.Of(full * width);
            parts.Add(Block(inputs, Channels.Of(inner * width), outputs, kernel, stride, weighs, hard));
            inputs = outputs;
        }

        var (last, hidden) = (6 * inputs, Channels.Of(1280 * width));
        parts.Add(Convolution(inputs, last, 1, 1, 1, Hardswish(true)));
        features = Add("features", new Steps(parts));
        Complete(
            "classifier",
            new Steps(Linear(last, hidden), Hardswish(true), new DrawnDropout(0.2), Linear(hidden, classes)),
            FirstWeights.FanOutAndSmallLinear);
    }

    protected override Tensor Map(Tensor x) => features.call(x);

    private static Residual Block(long inputs, long inner, long outputs, long kernel, long stride, bool weighs, bool hard)
    {
        Module<Tensor, Tensor> Activation() => hard ? Hardswish(true) : ReLU(true);
        List<Module<Tensor, Tensor>> parts =
        [
            .. inner == inputs ? Array.Empty<Steps>() : [Convolution(inputs, inner, 1, 1, 1, Activation())],
            Convolution(inner, inner, kernel, stride, inner, Activation()),
            .. weighs ? [new SqueezeExcitation(inner, Channels.Of(inner / 4))] : Array.Empty<SqueezeExcitation>(),
            Convolution(inner, outputs, 1, 1, 1, null),
        ];
        return new Residual("block", new Steps(parts), stride == 1 && inputs == outputs);
    }

    private static Steps Convolution(
        long inputs, long outputs, long kernel, long stride, long groups, Module<Tensor, Tensor>? activation) => new(
        [
            Conv2d(inputs, outputs, kernel, stride, kernel / 2, groups: groups, bias: false),
            BatchNorm2d(outputs, eps: 0.001, momentum: 0.01),
            .. activation is null ? Array.Empty<Module<Tensor, Tensor>>() : [activation],
        ]);
}

/// <summary>
/// Weighs each channel by what all channels' means say: 1x1, ReLU, 1x1, Hardsigmoid; torchvision's names. Hu et al. 2017
/// (arXiv:1709.01507).
/// </summary>
internal sealed class SqueezeExcitation : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> avgpool, fc1, fc2, activation, scale_activation;

    public SqueezeExcitation(long channels, long squeezed) : base(nameof(SqueezeExcitation))
    {
        avgpool = AdaptiveAvgPool2d(1);
        fc1 = Conv2d(channels, squeezed, 1);
        fc2 = Conv2d(squeezed, channels, 1);
        activation = ReLU(inplace: true);
        scale_activation = Hardsigmoid(inplace: true);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        var weights = fc2.call(activation.call(fc1.call(avgpool.call(input)))); // [N, C, 1, 1]
        return input.Times(scale_activation.call(weights)).MoveToOuterDisposeScope();
    }
}
