using KdNotebooks.Tracing;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Classification;

/// <summary>
/// A residual block of small images' networks: two 3x3 convolutions, or 1x1, 3x3, 1x1 to four times the channels, with a
/// shortcut. Its sum can be listened to before the ReLU (<c>preact</c>). Names as in RepDistiller.
/// </summary>
internal sealed class ResidualBlock : FoldableModule
{
    private readonly List<ConvNorm> steps = [];
    private readonly ConvNorm? shortcut;
    private readonly BeforeReLU preact;
    private readonly long stride;

    /// <param name="width">Channels of its 3x3 convolutions.</param>
    /// <param name="bottleneck">Whether it is 1x1, 3x3, 1x1.</param>
    /// <param name="shortcutName">Of the 1x1 convolution beside it, where there is one: "downsample", "shortcut".</param>
    public ResidualBlock(long inputs, long width, long stride, bool bottleneck, string shortcutName)
        : base(nameof(ResidualBlock))
    {
        this.stride = stride;
        (long In, long Out, long Kernel, long Stride)[] sizes = bottleneck
            ? [(inputs, width, 1, 1), (width, width, 3, stride), (width, 4 * width, 1, 1)]
            : [(inputs, width, 3, stride), (width, width, 3, 1)];
        Module norm = this;
        foreach (var (i, size) in sizes.Index())
        {
            var conv = Add($"conv{i + 1}", Conv2d(size.In, size.Out, size.Kernel, size.Stride, size.Kernel / 2, bias: false));
            norm = Add($"bn{i + 1}", BatchNorm2d(size.Out));
            steps.Add(Own(new ConvNorm(conv, (BatchNorm2d)norm)));
        }

        if (BasicBlock.Shortcut(inputs, sizes[^1].Out, stride, frozenNorms: false) is { Modules: { } modules } made)
        {
            Add(shortcutName, modules);
            shortcut = Own(made.Step!);
        }

        preact = Add("preact", new BeforeReLU(() => norm));
    }

    // [N, C, H, W] -> [N, C', H / stride, W / stride]
    public override Tensor forward(Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        // In place, for the reason that BasicBlock has.
        var x = steps.SkipLast(1).Aggregate(input, (map, step) => step.Forward(map).ReLUInPlace());
        x = steps[^1].Forward(x).AddInPlace(shortcut?.Forward(BasicBlock.Skip(input, stride)) ?? input);
        return preact.call(x).ReLUInPlace().MoveToOuterDisposeScope();
    }
}
