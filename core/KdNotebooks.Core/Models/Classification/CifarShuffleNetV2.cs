using KdNotebooks.Tracing;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Classification;

/// <summary>
/// RepDistiller's ShuffleNetV2 for 32x32 (<c>ShuffleV2</c>: 116, 232 and 464 channels), with its names. Ma et al. 2018
/// (arXiv:1807.11164).
/// </summary>
internal sealed class CifarShuffleNetV2 : ImageNetwork
{
    private const long Stem = 24, Last = 1024;

    private readonly ConvNorm stem, end;
    private readonly Module<Tensor, Tensor> relu, relu2;
    private readonly List<Steps> layers = [];

    public CifarShuffleNetV2(int channels, int classes) : base(nameof(CifarShuffleNetV2))
    {
        stem = Add("conv1", Conv2d(channels, Stem, 1, bias: false), "bn1", Stem);
        relu = Add("relu", ReLU(inplace: true));
        var inputs = Stem;
        foreach (var (stage, (outputs, count)) in new[] { (116L, 3), (232L, 7), (464L, 3) }.Index())
        {
            var first = inputs;
            layers.Add(Add($"layer{stage + 1}", new Steps(Enumerable.Range(0, count + 1).Select(
                Module<Tensor, Tensor> (i) => i == 0 ? new ShuffleDown(first, outputs) : new ShuffleBlockV2(outputs)))));
            inputs = outputs;
        }

        end = Add("conv2", Conv2d(inputs, Last, 1, bias: false), "bn2", Last);
        relu2 = Add("relu2", ReLU(inplace: true));
        Complete("linear", Linear(Last, classes), firstWeights: null);
    }

    protected override Tensor Map(Tensor x) => relu2.call(end.Forward(
        layers.Aggregate(relu.call(stem.Forward(x)), (map, layer) => layer.call(map))));
}

/// <summary>One half of the channels goes through three convolutions, the other as it is; then both are shuffled.</summary>
internal sealed class ShuffleBlockV2 : FoldableModule
{
    private readonly ConvNorm first, second, third;
    private readonly BeforeReLU preact;
    private readonly ChannelShuffle shuffle;
    private readonly long half;

    public ShuffleBlockV2(long channels) : base(nameof(ShuffleBlockV2))
    {
        half = channels / 2;
        first = Add("conv1", Conv2d(half, half, 1, bias: false), "bn1", half);
        second = Add("conv2", Conv2d(half, half, 3, 1, 1, groups: half, bias: false), "bn2", half);
        third = Add("conv3", Conv2d(half, half, 1, bias: false), "bn3", half);
        preact = Add("preact", new BeforeReLU());
        shuffle = Add("shuffle", new ChannelShuffle(2));
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        var x = second.Forward(first.Forward(input.Channels(half, half)).ReLUInPlace());
        x = Traced.Beside(input.Channels(0, half), third.Forward(x));
        // The half that passes comes out of a ReLU: another one changes nothing of it.
        return shuffle.call(preact.call(x).ReLUInPlace()).MoveToOuterDisposeScope();
    }
}

/// <summary>Halves the map: two branches, both with all channels, shuffled.</summary>
internal sealed class ShuffleDown : FoldableModule
{
    private readonly ConvNorm left1, left2, right1, right2, right3;
    private readonly ChannelShuffle shuffle;

    public ShuffleDown(long inputs, long outputs) : base(nameof(ShuffleDown))
    {
        var half = outputs / 2;
        left1 = Add("conv1", Conv2d(inputs, inputs, 3, 2, 1, groups: inputs, bias: false), "bn1", inputs);
        left2 = Add("conv2", Conv2d(inputs, half, 1, bias: false), "bn2", half);
        right1 = Add("conv3", Conv2d(inputs, half, 1, bias: false), "bn3", half);
        right2 = Add("conv4", Conv2d(half, half, 3, 2, 1, groups: half, bias: false), "bn4", half);
        right3 = Add("conv5", Conv2d(half, half, 1, bias: false), "bn5", half);
        shuffle = Add("shuffle", new ChannelShuffle(2));
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        var left = left2.Forward(left1.Forward(input)).ReLUInPlace();
        var right = right3.Forward(right2.Forward(right1.Forward(input).ReLUInPlace())).ReLUInPlace();
        return shuffle.call(Traced.Beside(left, right)).MoveToOuterDisposeScope();
    }
}
