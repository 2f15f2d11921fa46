using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Classification;

/// <summary>
/// RepDistiller's residual networks for 32x32: <c>resnet8</c> to <c>resnet110</c>, <c>resnet8x4</c>, <c>resnet32x4</c>
/// (its resnet.py) and <c>ResNet50</c> (its resnetv2.py), with its names. He et al. 2015 (arXiv:1512.03385).
/// </summary>
internal sealed class CifarResNet : ImageNetwork
{
    private readonly ConvNorm stem;
    private readonly Module<Tensor, Tensor> relu;
    private readonly List<Steps> layers = [];

    /// <param name="widths">Of the stem, then of each stage's 3x3 convolutions.</param>
    /// <param name="blocks">Of each stage; every stage but the first halves the map.</param>
    /// <param name="second">Whether it is of resnetv2.py: bottlenecks, other names.</param>
    public CifarResNet(
        IReadOnlyList<long> widths, IReadOnlyList<int> blocks, bool second, int channels, int classes)
        : base(nameof(CifarResNet))
    {
        stem = Add("conv1", Conv2d(channels, widths[0], 3, 1, 1, bias: false), "bn1", widths[0]);
        relu = Add("relu", ReLU(inplace: true));
        var inputs = widths[0];
        foreach (var (stage, count) in blocks.Index())
        {
            var (width, outputs) = (widths[stage + 1], widths[stage + 1] * (second ? 4 : 1));
            var (first, stride) = (inputs, stage == 0 ? 1 : 2);
            layers.Add(Add($"layer{stage + 1}", new Steps(Enumerable.Range(0, count).Select(i => new ResidualBlock(
                i == 0 ? first : outputs, width, i == 0 ? stride : 1, second, second ? "shortcut" : "downsample")))));
            inputs = outputs;
        }

        Complete(second ? "linear" : "fc", Linear(inputs, classes), FirstWeights.FanOut);
    }

    protected override Tensor Map(Tensor x) =>
        layers.Aggregate(relu.call(stem.Forward(x)), (map, layer) => layer.call(map));
}
