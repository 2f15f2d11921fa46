using KdNotebooks.Tracing;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Classification;

/// <summary>
/// torchvision's <c>shufflenet_v2_x1_0</c>, with its names. Ma et al. 2018 (arXiv:1807.11164), table 5.
/// </summary>
internal sealed class ShuffleNetV2 : ImageNetwork
{
    private const long Stem = 24, Last = 1024;

    private readonly Steps conv1, conv5;
    private readonly Module<Tensor, Tensor> maxpool;
    private readonly List<Steps> stages = [];

    public ShuffleNetV2(int channels, int classes) : base(nameof(ShuffleNetV2))
    {
        conv1 = Add("conv1", new Steps(Conv2d(channels, Stem, 3, 2, 1, bias: false), BatchNorm2d(Stem), ReLU(true)));
        maxpool = Add("maxpool", MaxPool2d(3, 2, 1));
        var inputs = Stem;
        foreach (var (stage, (outputs, count)) in new[] { (116L, 4), (232L, 8), (464L, 4) }.Index())
        {
            var first = inputs;
            stages.Add(Add($"stage{stage + 2}", new Steps(Enumerable.Range(0, count).Select(
                i => i == 0 ? new ShuffleUnit(first, outputs, 2) : new ShuffleUnit(outputs, outputs, 1)))));
            inputs = outputs;
        }

        conv5 = Add("conv5", new Steps(Conv2d(inputs, Last, 1, bias: false), BatchNorm2d(Last), ReLU(true)));
        Complete("fc", Linear(Last, classes), firstWeights: null);
    }

    protected override Tensor Map(Tensor x) =>
        conv5.call(stages.Aggregate(maxpool.call(conv1.call(x)), (map, stage) => stage.call(map)));
}

/// <summary>Half of the channels as they are, or where the map is halved, both branches; then shuffled.</summary>
internal sealed class ShuffleUnit : Module<Tensor, Tensor>
{
    private readonly Steps? branch1;
    private readonly Steps branch2;
    private readonly ChannelShuffle shuffle = new(2);

    public ShuffleUnit(long inputs, long outputs, long stride) : base(nameof(ShuffleUnit))
    {
        var half = outputs / 2;
        branch1 = stride == 1 ? null : new Steps(
            Conv2d(inputs, inputs, 3, stride, 1, groups: inputs, bias: false), BatchNorm2d(inputs),
            Conv2d(inputs, half, 1, bias: false), BatchNorm2d(half), ReLU(true));
        branch2 = new Steps(
            Conv2d(stride == 1 ? half : inputs, half, 1, bias: false), BatchNorm2d(half), ReLU(true),
            Conv2d(half, half, 3, stride, 1, groups: half, bias: false), BatchNorm2d(half),
            Conv2d(half, half, 1, bias: false), BatchNorm2d(half), ReLU(true));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        var half = input.shape[1] / 2;
        var (left, right) = branch1 is null
            ? (input.Channels(0, half), branch2.call(input.Channels(half, half)))
            : (branch1.call(input), branch2.call(input));
        return shuffle.call(Traced.Beside(left, right)).MoveToOuterDisposeScope();
    }
}
