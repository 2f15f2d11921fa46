using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Classification;

/// <summary>
/// MobileNetV1 with the names of OpenMMLab's classifiers, as MGD trains it: <c>backbone.model.0.0</c>, ...,
/// <c>head.fc</c>. Howard et al. 2017 (arXiv:1704.04861), table 1.
/// </summary>
internal sealed class MobileNetV1 : ImageNetwork
{
    // Channels and stride of each separable convolution.
    private static readonly (int Channels, int Stride)[] Blocks =
    [
        (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1),
        (1024, 2), (1024, 1),
    ];

    private readonly Steps backbone;

    /// <param name="width">Times all channels.</param>
    /// <param name="stemStride">2, or 1 for small images.</param>
    public MobileNetV1(double width, int stemStride, int channels, int classes) : base(nameof(MobileNetV1))
    {
        var inputs = Channels.Of(32 * width);
        List<Steps> steps =
            [new(Conv2d(channels, inputs, 3, stemStride, 1, bias: false), BatchNorm2d(inputs), ReLU(true))];
        foreach (var (full, stride) in Blocks)
        {
            var outputs = Channels.Of(full * width);
            steps.Add(new(
                Conv2d(inputs, inputs, 3, stride, 1, groups: inputs, bias: false), BatchNorm2d(inputs), ReLU(true),
                Conv2d(inputs, outputs, 1, bias: false), BatchNorm2d(outputs), ReLU(true)));
            inputs = outputs;
        }

        backbone = Add("backbone", new Steps([("model", new Steps(steps))]));
        Complete("head", new Steps([("fc", Linear(inputs, classes))]), FirstWeights.FanOutAndSmallLinear);
    }

    protected override Tensor Map(Tensor x) => backbone.call(x);
}

/// <summary>How code bases of mobile networks round channels.</summary>
internal static class Channels
{
    /// <summary>
    /// The nearest multiple of 8, at least 8, and not below nine tenths of what was asked for: <c>_make_divisible</c> of
    /// torchvision, <c>make_divisible</c> of OpenMMLab.
    /// </summary>
    public static long Of(double asked)
    {
        var near = Math.Max(8, (long)(asked + 4) / 8 * 8);
        return near < 0.9 * asked ? near + 8 : near;
    }
}
