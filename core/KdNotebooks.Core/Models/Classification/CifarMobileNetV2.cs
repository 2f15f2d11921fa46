using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Classification;

/// <summary>
/// RepDistiller's MobileNetV2 for 32x32: half the width, expansion 6, ReLU; with its names. The stem takes a stride, the
/// third stage none. Sandler et al. 2018 (arXiv:1801.04381).
/// </summary>
internal sealed class CifarMobileNetV2 : ImageNetwork
{
    private const int Expansion = 6;
    private const double Width = 0.5;

    // As in its mobilenetv2.py: expansion, channels, blocks, stride.
    private static readonly (int Expansion, int Channels, int Blocks, int Stride)[] Stages7 =
    [
        (1, 16, 1, 1), (Expansion, 24, 2, 1), (Expansion, 32, 3, 2), (Expansion, 64, 4, 2), (Expansion, 96, 3, 1),
        (Expansion, 160, 3, 2), (Expansion, 320, 1, 1),
    ];

    private readonly Steps conv1, blocks, conv2;

    public CifarMobileNetV2(int channels, int classes) : base(nameof(CifarMobileNetV2))
    {
        var inputs = (long)(32 * Width);
        conv1 = Add("conv1", new Steps(Conv2d(channels, inputs, 3, 2, 1, bias: false), BatchNorm2d(inputs), ReLU(true)));
        var stages = new List<Steps>();
        foreach (var (expansion, full, count, stride) in Stages7)
        {
            var (first, outputs) = (inputs, (long)(full * Width));
            stages.Add(new Steps(Enumerable.Range(0, count).Select(i =>
                Block(i == 0 ? first : outputs, outputs, i == 0 ? stride : 1, expansion))));
            inputs = outputs;
        }

        blocks = Add("blocks", new Steps(stages));
        const long Last = 1280;
        conv2 = Add("conv2", new Steps(Conv2d(inputs, Last, 1, bias: false), BatchNorm2d(Last), ReLU(true)));
        Complete("classifier", new Steps(Linear(Last, classes)), FirstWeights.FanOutAndSmallLinear);
    }

    protected override Tensor Map(Tensor x) => conv2.call(blocks.call(conv1.call(x)));

    private static Residual Block(long inputs, long outputs, long stride, int expansion)
    {
        var inner = inputs * expansion;
        return new Residual(
            "conv",
            new Steps(
                Conv2d(inputs, inner, 1, bias: false), BatchNorm2d(inner), ReLU(true),
                Conv2d(inner, inner, 3, stride, 1, groups: inner, bias: false), BatchNorm2d(inner), ReLU(true),
                Conv2d(inner, outputs, 1, bias: false), BatchNorm2d(outputs)),
            stride == 1 && inputs == outputs);
    }
}
