using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Classification;

/// <summary>
/// torchvision's <c>mobilenet_v2</c>, with its names. Sandler et al. 2018 (arXiv:1801.04381), table 2.
/// </summary>
internal sealed class MobileNetV2 : ImageNetwork
{
    // Expansion, channels, blocks, stride.
    private static readonly (int Expansion, int Channels, int Blocks, int Stride)[] Settings =
        [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

    private readonly Steps features;

    /// <param name="width">Times all channels; the last convolution's grow, and never shrink.</param>
    public MobileNetV2(double width, int channels, int classes) : base(nameof(MobileNetV2))
    {
        var inputs = Channels.Of(32 * width);
        List<Module<Tensor, Tensor>> parts = [Convolution(channels, inputs, 3, 2)];
        foreach (var (expansion, full, count, stride) in Settings)
        {
            var outputs = Channels.Of(full * width);
            for (var i = 0; i < count; i++)
            {
                parts.Add(Block(inputs, outputs, i == 0 ? stride : 1, expansion));
                inputs = outputs;
            }
        }

        var last = Channels.Of(1280 * Math.Max(1, width));
        parts.Add(Convolution(inputs, last, 1, 1));
        features = Add("features", new Steps(parts));
        Complete("classifier", new Steps(new DrawnDropout(0.2), Linear(last, classes)), FirstWeights.FanOutAndSmallLinear);
    }

    protected override Tensor Map(Tensor x) => features.call(x);

    private static Residual Block(long inputs, long outputs, long stride, long expansion)
    {
        var inner = inputs * expansion;
        List<Module<Tensor, Tensor>> parts = expansion == 1 ? [] : [Convolution(inputs, inner, 1, 1)];
        parts.AddRange(
            [Convolution(inner, inner, 3, stride, inner), Conv2d(inner, outputs, 1, bias: false), BatchNorm2d(outputs)]);
        return new Residual("conv", new Steps(parts), stride == 1 && inputs == outputs);
    }

    private static Steps Convolution(long inputs, long outputs, long kernel, long stride, long groups = 1) => new(
        Conv2d(inputs, outputs, kernel, stride, kernel / 2, groups: groups, bias: false), BatchNorm2d(outputs), ReLU6(true));
}
