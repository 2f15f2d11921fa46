using KdNotebooks.Tracing;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Classification;

/// <summary>
/// RepDistiller's wide residual networks for 32x32 (<c>wrn_16_1</c> to <c>wrn_40_2</c>), with its names. Zagoruyko and
/// Komodakis 2016 (arXiv:1605.07146).
/// </summary>
internal sealed class WideResNet : ImageNetwork
{
    private readonly Conv2d conv1;
    private readonly List<Steps> blocks = [];
    private readonly Module<Tensor, Tensor> bn1, relu;

    /// <param name="depth">6n + 4.</param>
    /// <param name="factor">Times 16, 32 and 64 channels.</param>
    public WideResNet(int depth, long factor, int channels, int classes) : base(nameof(WideResNet))
    {
        conv1 = Add("conv1", Conv2d(channels, 16, 3, 1, 1, bias: false));
        var inputs = 16L;
        for (var stage = 0; stage < 3; stage++)
        {
            var (first, outputs, stride) = (inputs, (16L << stage) * factor, stage == 0 ? 1 : 2);
            var parts = Enumerable.Range(0, (depth - 4) / 6).Select(i => i == 0
                ? new WideBlock(first, outputs, stride)
                : new WideBlock(outputs, outputs, 1));
            blocks.Add(Add($"block{stage + 1}", new Steps([("layer", new Steps(parts))])));
            inputs = outputs;
        }

        bn1 = Add("bn1", BatchNorm2d(inputs));
        relu = Add("relu", ReLU(inplace: true));
        var fc = Linear(inputs, classes);
        Complete("fc", fc, model =>
        {
            FirstWeights.FanOut(model);
            init.zeros_(fc.bias!);
        });
    }

    protected override Tensor Map(Tensor x) =>
        relu.call(bn1.call(blocks.Aggregate(conv1.call(x), (map, block) => block.call(map))));
}

/// <summary>
/// Normalization and ReLU before each of two 3x3 convolutions. What folds is the second normalization, into the first
/// convolution; the first one stands behind a sum.
/// </summary>
internal sealed class WideBlock : FoldableModule
{
    private readonly Module<Tensor, Tensor> bn1, relu1, relu2;
    private readonly ConvNorm inner;
    private readonly Conv2d conv2;
    private readonly Conv2d? convShortcut;
    private readonly long stride;

    public WideBlock(long inputs, long outputs, long stride) : base(nameof(WideBlock))
    {
        this.stride = stride;
        bn1 = Add("bn1", BatchNorm2d(inputs));
        relu1 = Add("relu1", ReLU(inplace: true));
        inner = Add("conv1", Conv2d(inputs, outputs, 3, stride, 1, bias: false), "bn2", outputs);
        relu2 = Add("relu2", ReLU(inplace: true));
        conv2 = Add("conv2", Conv2d(outputs, outputs, 3, 1, 1, bias: false));
        // Its stride is taken beforehand, see BasicBlock.Skip.
        convShortcut = inputs == outputs ? null : Add("convShortcut", Conv2d(inputs, outputs, 1, bias: false));
    }

    // [N, C, H, W] -> [N, C', H / stride, W / stride]
    public override Tensor forward(Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        var active = relu1.call(bn1.call(input));
        var x = conv2.call(relu2.call(inner.Forward(active)));
        var beside = convShortcut?.call(BasicBlock.Skip(active, stride)) ?? input;
        return x.AddInPlace(beside).MoveToOuterDisposeScope();
    }
}
