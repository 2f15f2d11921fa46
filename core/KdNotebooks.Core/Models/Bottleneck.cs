using KdNotebooks.Tracing;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models;

/// <summary>
/// Three convolutions, 1x1 to fewer channels, 3x3, 1x1 to more, with a shortcut; names as in torchvision. He et al.
/// 2015 (arXiv:1512.03385), figure 5; the stride is taken by the 3x3 convolution, as torchvision and mmsegmentation do.
/// </summary>
public sealed class Bottleneck : Module<Tensor, Tensor>, IFoldable
{
    private readonly Conv2d conv1, conv2, conv3;
    private readonly Module<Tensor, Tensor> bn1, bn2, bn3;
    private readonly Sequential? downsample;
    private readonly ConvNorm first, second, third;
    private readonly ConvNorm? shortcut;
    private readonly long stride;

    /// <param name="inputs">Channels in.</param>
    /// <param name="inner">Channels of the 3x3 convolution.</param>
    /// <param name="outputs">Channels out.</param>
    /// <param name="stride">
    /// Where it is not 1, or channels change, the shortcut is a 1x1 convolution. The default value is 1.
    /// </param>
    /// <param name="dilation">Of the 3x3 convolution. The default value is 1.</param>
    /// <param name="groups">
    /// Of the 3x3 convolution, a divisor of <paramref name="inner"/>. The default value is 1.
    /// </param>
    /// <param name="frozenNorms">Whether its normalizations never change. The default value is false.</param>
    public Bottleneck(
        long inputs, long inner, long outputs, long stride = 1, long dilation = 1, long groups = 1,
        bool frozenNorms = false)
        : base(nameof(Bottleneck))
    {
        this.stride = stride;
        conv1 = Conv2d(inputs, inner, 1, bias: false);
        bn1 = ConvNorm.Norm(inner, frozenNorms);
        conv2 = Conv2d(inner, inner, 3, stride, dilation, dilation, groups: groups, bias: false);
        bn2 = ConvNorm.Norm(inner, frozenNorms);
        conv3 = Conv2d(inner, outputs, 1, bias: false);
        bn3 = ConvNorm.Norm(outputs, frozenNorms);
        (first, second, third) = (new ConvNorm(conv1, bn1), new ConvNorm(conv2, bn2), new ConvNorm(conv3, bn3));
        (downsample, shortcut) = BasicBlock.Shortcut(inputs, outputs, stride, frozenNorms);
        RegisterComponents();
    }

    // [N, C, H, W] -> [N, C', H / stride, W / stride]
    public override Tensor forward(Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        // In place, for the reason that BasicBlock has.
        var x = first.Forward(input).ReLUInPlace();
        x = second.Forward(x).ReLUInPlace(); // [N, inner, H / stride, W / stride]
        x = third.Forward(x).AddInPlace(shortcut?.Forward(BasicBlock.Skip(input, stride)) ?? input);
        return x.ReLUInPlace().MoveToOuterDisposeScope();
    }

    void IFoldable.Fold(IReadOnlySet<Module> tapped)
    {
        first.Fold(tapped);
        second.Fold(tapped);
        third.Fold(tapped);
        shortcut?.Fold(tapped);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            first.Free();
            second.Free();
            third.Free();
            shortcut?.Free();
        }

        base.Dispose(disposing);
    }
}
