using KdNotebooks.Ops;
using KdNotebooks.Tracing;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models;

/// <summary>
/// The residual network for large images of He et al. 2015 (arXiv:1512.03385), table 1, as a classifier or as a
/// backbone with dilation: a stem at a quarter of the size and four stages. Names as in torchvision (<c>conv1, bn1,
/// layer1.0.conv1, ..., fc</c>); those of a deep stem (<c>stem.0, ...</c>) are mmsegmentation's.
/// </summary>
/// <remarks>
/// Torchvision refuses to dilate basic blocks; here they do as in mmsegmentation's <c>resnet18_v1c</c> backbones (its
/// <c>contract_dilation</c>): a stage's first block has the dilation of the stage before. With bottlenecks that is
/// torchvision's rule, too. It works in channels-last, whatever layout an image comes in. Weights are drawn from
/// torch's generator: <see cref="Native.Seed.Set"/> before makes them again.
/// </remarks>
public sealed class DeepResNet : Module<Tensor, Tensor>, IFoldable
{
    private readonly Conv2d? conv1;
    private readonly Module<Tensor, Tensor>? bn1;
    private readonly DeepStem? stem;
    private readonly MaxPool2d maxpool;
    private readonly Sequential layer1, layer2, layer3, layer4;
    private readonly AdaptiveAvgPool2d? avgpool;
    private readonly Linear? fc;
    private readonly ConvNorm? plainStem;

    /// <exception cref="Runtime.KdException">An option is out of its range.</exception>
    public DeepResNet(DeepResNetOptions options) : base(nameof(DeepResNet))
    {
        options.RequireSound();
        Options = options;
        if (options.DeepStem)
        {
            stem = new DeepStem(options.Channels, options.Width, options.FrozenNorms);
        }
        else
        {
            conv1 = Conv2d(options.Channels, options.Width, 7, 2, 3, bias: false);
            bn1 = ConvNorm.Norm(options.Width, options.FrozenNorms);
            plainStem = new ConvNorm(conv1, bn1);
        }

        maxpool = MaxPool2d(3, 2, 1);
        var dilation = 1;
        layer1 = Stage(1, 1, ref dilation);
        layer2 = Stage(2, 2, ref dilation);
        layer3 = Stage(3, 2, ref dilation);
        layer4 = Stage(4, 2, ref dilation);
        if (options.Classes > 0)
        {
            avgpool = AdaptiveAvgPool2d(1);
            fc = Linear(options.StageWidth(4), options.Classes);
        }

        RegisterComponents();
        FirstWeights.FanOut(this);
        ChannelsLast.Apply(this);
    }

    public DeepResNetOptions Options { get; }

    /// <summary>Sees the maps of the four stages during a call; null where nobody wants them.</summary>
    internal Action<IReadOnlyList<Tensor>>? Watch { get; set; }

    // [N, C, H, W] -> [N, K] logits; without a classifier the last stage's map
    public override Tensor forward(Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        var maps = Stages(input);
        Watch?.Invoke(maps);
        var last = maps[^1];
        return (fc is null ? last : fc.call(avgpool!.call(last).Flat())).MoveToOuterDisposeScope();
    }

    /// <summary>The maps of the four stages: layer1 to layer4.</summary>
    /// <param name="input">[N, C, H, W].</param>
    /// <returns>[N, C', H/4, W/4], H/8, H/16, H/32, or as far as the output stride goes; sizes are rounded
    /// up.</returns>
    public IReadOnlyList<Tensor> Stages(Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        var x = ChannelsLast.Of(input);
        x = stem?.call(x) ?? plainStem!.Forward(x).ReLUInPlace(); // [N, w, H/2, W/2]
        x = maxpool.call(x);
        var maps = new List<Tensor>();
        foreach (var layer in (ReadOnlySpan<Sequential>)[layer1, layer2, layer3, layer4])
        {
            x = layer.call(x);
            maps.Add(x);
        }

        maps.ForEach(map => map.MoveToOuterDisposeScope());
        return maps;
    }

    void IFoldable.Fold(IReadOnlySet<Module> tapped) => plainStem?.Fold(tapped);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            plainStem?.Free();
        }

        base.Dispose(disposing);
    }

    // Where the image would shrink below the output stride, dilation grows in the stride's place; the first block still
    // looks as far as the stage before.
    private Sequential Stage(int stage, int stride, ref int dilation)
    {
        var before = dilation;
        if (stride == 2 && 2 << stage > Options.OutputStride)
        {
            (stride, dilation) = (1, dilation * 2);
        }

        var (first, rest, width, still) = (stride, dilation, Options.StageWidth(stage), Options.FrozenNorms);
        var inputs = stage == 1 ? Options.Width : Options.StageWidth(stage - 1);
        Module<Tensor, Tensor> Block(int i) => (i, Options.Bottlenecks) switch
        {
            (0, false) => new BasicBlock(inputs, width, first, before, still),
            (_, false) => new BasicBlock(width, width, 1, rest, still),
            (0, true) => new Bottleneck(inputs, Options.Inner(stage), width, first, before, Options.Groups, still),
            (_, true) => new Bottleneck(width, Options.Inner(stage), width, 1, rest, Options.Groups, still),
        };
        return Sequential(Enumerable.Range(0, Options.Blocks[stage - 1]).Select(i => ($"{i}", Block(i))));
    }
}
