using KdNotebooks.Tracing;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models;

/// <summary>
/// Two 3x3 convolutions with a shortcut; names as in torchvision. He et al. 2015 (arXiv:1512.03385), figure 5.
/// </summary>
public sealed class BasicBlock : Module<Tensor, Tensor>, IFoldable
{
    private readonly Conv2d conv1, conv2;
    private readonly Module<Tensor, Tensor> bn1, bn2;
    private readonly Sequential? downsample;
    private readonly ConvNorm first, second;
    private readonly ConvNorm? shortcut;
    private readonly long stride;

    /// <param name="inputs">Channels in.</param>
    /// <param name="outputs">Channels out.</param>
    /// <param name="stride">
    /// Of the first convolution; where it is not 1, or channels change, the shortcut is a 1x1 convolution.
    /// </param>
    /// <param name="dilation">
    /// Of the first convolution; the second stays dense, as in mmsegmentation. (torchvision has no dilated basic
    /// block.) The default value is 1.
    /// </param>
    /// <param name="frozenNorms">Whether its normalizations never change. The default value is false.</param>
    public BasicBlock(long inputs, long outputs, long stride = 1, long dilation = 1, bool frozenNorms = false)
        : base(nameof(BasicBlock))
    {
        this.stride = stride;
        conv1 = Conv2d(inputs, outputs, 3, stride, dilation, dilation, bias: false);
        bn1 = ConvNorm.Norm(outputs, frozenNorms);
        conv2 = Conv2d(outputs, outputs, 3, 1, 1, bias: false);
        bn2 = ConvNorm.Norm(outputs, frozenNorms);
        first = new ConvNorm(conv1, bn1);
        second = new ConvNorm(conv2, bn2);
        (downsample, shortcut) = Shortcut(inputs, outputs, stride, frozenNorms);
        RegisterComponents();
    }

    // [N, C, H, W] -> [N, C', H / stride, W / stride]
    public override Tensor forward(Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        // In place: normalization's gradient needs its input, not its output, so a step may overwrite the one before.
        var x = first.Forward(input).ReLUInPlace();
        x = second.Forward(x).AddInPlace(shortcut?.Forward(Skip(input, stride)) ?? input);
        return x.ReLUInPlace().MoveToOuterDisposeScope();
    }

    /// <summary>The 1x1 convolution beside a block that changes size or channels; else none.</summary>
    internal static (Sequential? Modules, ConvNorm? Step) Shortcut(
        long inputs, long outputs, long stride, bool frozenNorms)
    {
        if (stride == 1 && inputs == outputs)
        {
            return default;
        }

        // Its stride is taken beforehand, see Skip.
        var (conv, norm) = (Conv2d(inputs, outputs, 1, bias: false), ConvNorm.Norm(outputs, frozenNorms));
        var modules = Sequential(conv, norm);
        return (modules, new ConvNorm(conv, norm, modules));
    }

    // A 1x1 convolution with a stride is the same one without it on every stride-th row and column. With it, oneDNN
    // may write past its buffer: see ChannelsLast.IsUnsound.
    internal static Tensor Skip(Tensor input, long stride) => stride == 1
        ? input
        : input.EveryNth(stride);

    void IFoldable.Fold(IReadOnlySet<Module> tapped)
    {
        first.Fold(tapped);
        second.Fold(tapped);
        shortcut?.Fold(tapped);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            first.Free();
            second.Free();
            shortcut?.Free();
        }

        base.Dispose(disposing);
    }
}
