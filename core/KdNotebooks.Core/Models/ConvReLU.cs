using KdNotebooks.Tracing;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models;

/// <summary>
/// A convolution without bias that keeps height and width, batch normalization and a ReLU: what heads are made of.
/// </summary>
internal sealed class ConvReLU : Module<Tensor, Tensor>, IFoldable
{
    private readonly ConvNorm step;

    /// <param name="kernel">1 or 3.</param>
    /// <param name="names">
    /// Of convolution and normalization: "0", "1" in torchvision, "conv", "bn" in mmsegmentation.
    /// </param>
    public ConvReLU(long inputs, long outputs, long kernel, (string Conv, string Norm) names, long dilation = 1)
        : base(nameof(ConvReLU))
    {
        var conv = Conv2d(inputs, outputs, kernel, 1, kernel / 2 * dilation, dilation, bias: false);
        var norm = BatchNorm2d(outputs);
        step = new ConvNorm(conv, norm);
        // By hand: the names are the caller's.
        register_module(names.Conv, conv);
        register_module(names.Norm, norm);
    }

    // [N, C, H, W] -> [N, C', H, W]
    public override Tensor forward(Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        return step.Forward(input).ReLUInPlace().MoveToOuterDisposeScope();
    }

    void IFoldable.Fold(IReadOnlySet<Module> tapped) => step.Fold(tapped);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            step.Free();
        }

        base.Dispose(disposing);
    }
}
