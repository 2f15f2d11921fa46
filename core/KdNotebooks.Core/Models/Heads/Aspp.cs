using KdNotebooks.Ops;
using KdNotebooks.Tracing;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models;

/// <summary>
/// Atrous spatial pyramid pooling: one map seen through a 1x1 convolution, dilated 3x3 ones and the mean of the image,
/// side by side, then brought together. Names as in torchvision (<c>convs.0, ..., project</c>). Chen et al. 2017
/// (arXiv:1706.05587), section 3.3.
/// </summary>
internal sealed class Aspp : Module<Tensor, Tensor>
{
    private const double Dropout = 0.5;

    // A container for its names alone: its parts lie side by side, not one behind the other.
    private readonly Sequential convs;
    private readonly ConvReLU project;
    private readonly Module<Tensor, Tensor>[] branches;

    public Aspp(long inputs, long channels, IReadOnlyList<int> rates) : base(nameof(Aspp))
    {
        branches =
        [
            new ConvReLU(inputs, channels, 1, ("0", "1")),
            .. rates.Select(rate => new ConvReLU(inputs, channels, 3, ("0", "1"), rate)),
            new PooledConv(1, inputs, channels, ("1", "2")),
        ];
        convs = Sequential(branches.Select((branch, i) => ($"{i}", branch)));
        project = new ConvReLU(channels * branches.Length, channels, 1, ("0", "1"));
        RegisterComponents();
    }

    // [N, C, H, W] -> [N, channels, H, W]
    public override Tensor forward(Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        var seen = Traced.Beside([.. branches.Select(branch => branch.call(input))]);
        // What was one position has lost its layout, and a mixture would be laid out plainly.
        var x = project.call(ChannelsLast.Of(seen));
        return HeadDropout.Apply(x, Dropout, training).MoveToOuterDisposeScope();
    }
}
