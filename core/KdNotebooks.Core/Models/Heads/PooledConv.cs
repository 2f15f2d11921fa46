using KdNotebooks.Ops;
using KdNotebooks.Tracing;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models;

/// <summary>
/// The image in a few cells, a 1x1 convolution with normalization and ReLU on them, brought back to the old size
/// between their centres.
/// </summary>
internal sealed class PooledConv : Module<Tensor, Tensor>, IFoldable
{
    private readonly ConvNorm step;
    private readonly long bins;

    /// <param name="bins">Cells a side.</param>
    /// <param name="names">Of convolution and normalization, as <see cref="ConvReLU"/> takes them.</param>
    public PooledConv(long bins, long inputs, long channels, (string Conv, string Norm) names)
        : base(nameof(PooledConv))
    {
        this.bins = bins;
        var (conv, norm) = (Conv2d(inputs, channels, 1, bias: false), BatchNorm2d(channels));
        step = new ConvNorm(conv, norm);
        register_module(names.Conv, conv);
        register_module(names.Norm, norm);
    }

    // [N, C, H, W] -> [N, C', H, W]
    public override Tensor forward(Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        var cells = input.CellMeans(bins); // [N, C, bins, bins]
        var x = step.Forward(ChannelsLast.Of(cells)).ReLUInPlace();
        return x.Resized(input.shape[2], input.shape[3]).MoveToOuterDisposeScope();
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
