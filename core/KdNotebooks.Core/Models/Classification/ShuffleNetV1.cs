using KdNotebooks.Tracing;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Classification;

/// <summary>
/// RepDistiller's ShuffleNet for 32x32 (<c>ShuffleV1</c>: three groups, 240, 480 and 960 channels), with its names. Zhang
/// et al. 2017 (arXiv:1707.01083).
/// </summary>
internal sealed class ShuffleNetV1 : ImageNetwork
{
    private const long Stem = 24, Groups = 3;

    private readonly ConvNorm stem;
    private readonly Module<Tensor, Tensor> relu;
    private readonly List<Steps> layers = [];

    public ShuffleNetV1(int channels, int classes) : base(nameof(ShuffleNetV1))
    {
        stem = Add("conv1", Conv2d(channels, Stem, 1, bias: false), "bn1", Stem);
        relu = Add("relu", ReLU(inplace: true));
        var inputs = Stem;
        foreach (var (stage, (outputs, count)) in new[] { (240L, 4), (480L, 8), (960L, 4) }.Index())
        {
            var first = inputs;
            layers.Add(Add($"layer{stage + 1}", new Steps(Enumerable.Range(0, count).Select(i => i == 0
                ? new ShuffleBlockV1(first, outputs, halves: true, first == Stem ? 1 : Groups, Groups)
                : new ShuffleBlockV1(outputs, outputs, halves: false, Groups, Groups)))));
            inputs = outputs;
        }

        Complete("linear", Linear(inputs, classes), firstWeights: null);
    }

    protected override Tensor Map(Tensor x) =>
        layers.Aggregate(relu.call(stem.Forward(x)), (map, layer) => layer.call(map));
}

/// <summary>
/// 1x1 in groups, shuffle, 3x3 of each channel, 1x1 in groups; the input is added, or, halved in size, stands beside.
/// </summary>
internal sealed class ShuffleBlockV1 : FoldableModule
{
    private readonly ConvNorm first, second, third;
    private readonly ChannelShuffle shuffle1;
    private readonly Module<Tensor, Tensor>? shortcut;
    private readonly BeforeReLU preact;

    /// <param name="outputs">With the input's, where that stands beside.</param>
    /// <param name="firstGroups">Of the first convolution: 1 behind the stem.</param>
    public ShuffleBlockV1(long inputs, long outputs, bool halves, long firstGroups, long groups)
        : base(nameof(ShuffleBlockV1))
    {
        var own = halves ? outputs - inputs : outputs;
        var inner = own / 4;
        first = Add("conv1", Conv2d(inputs, inner, 1, groups: firstGroups, bias: false), "bn1", inner);
        shuffle1 = Add("shuffle1", new ChannelShuffle(firstGroups));
        second = Add(
            "conv2", Conv2d(inner, inner, 3, halves ? 2 : 1, 1, groups: inner, bias: false), "bn2", inner);
        third = Add("conv3", Conv2d(inner, own, 1, groups: groups, bias: false), "bn3", own);
        shortcut = halves ? Add("shortcut", new Steps(AvgPool2d(3, 2, 1))) : null;
        preact = Add("preact", new BeforeReLU());
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        var x = shuffle1.call(first.Forward(input).ReLUInPlace());
        x = third.Forward(second.Forward(x).ReLUInPlace());
        x = shortcut is null ? x.AddInPlace(input) : Traced.Beside(x, shortcut.call(input));
        return preact.call(x).ReLUInPlace().MoveToOuterDisposeScope();
    }
}
