using KdNotebooks.Ops;
using KdNotebooks.Runtime;
using KdNotebooks.Tracing;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models;

/// <summary>
/// PSPNet's head: the map beside its means over ever finer cells, a 3x3 convolution, logits. Zhao et al. 2017
/// (arXiv:1612.01105), section 3.2. torchvision has none; names are mmsegmentation's (<c>psp_modules.0.1.conv, ...,
/// bottleneck.conv, conv_seg</c>).
/// </summary>
public sealed class PspHead : Module<Tensor, Tensor>
{
    private const double Dropout = 0.1;

    // A container for its names alone: its parts lie side by side, not one behind the other.
    private readonly Sequential psp_modules;
    private readonly ConvReLU bottleneck;
    private readonly Conv2d conv_seg;
    private readonly PooledConv[] levels;

    /// <param name="inputs">Channels in.</param>
    /// <param name="classes">How many logits a position.</param>
    /// <param name="channels">Of each level, and between; the default value null means a quarter of the inputs.</param>
    /// <param name="bins">Cells a side of each level; by default 1, 2, 3, 6.</param>
    /// <exception cref="KdException">No level, or one below 1.</exception>
    public PspHead(long inputs, long classes, long? channels = null, IReadOnlyList<int>? bins = null)
        : base(nameof(PspHead))
    {
        bins ??= [1, 2, 3, 6];
        if (bins.Count == 0 || bins.Any(cells => cells < 1))
        {
            throw new KdException(
                $"PspHead: bins are [{string.Join(", ", bins)}]; expected at least one, each at least 1.");
        }

        var width = channels ?? Math.Max(inputs / 4, 1);
        levels = [.. bins.Select(cells => new PooledConv(cells, inputs, width, ("conv", "bn")))];
        psp_modules = Sequential(levels.Select((level, i) =>
            ($"{i}", (Module<Tensor, Tensor>)Sequential(("1", (Module<Tensor, Tensor>)level)))));
        bottleneck = new ConvReLU(inputs + (width * bins.Count), width, 3, ("conv", "bn"));
        conv_seg = Conv2d(width, classes, 1);
        RegisterComponents();
    }

    // [N, C, H, W] -> [N, K, H, W]
    public override Tensor forward(Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        var seen = Traced.Beside([input, .. levels.Select(level => level.call(input))]); // [N, C + bins x width, H, W]
        // What was one position has lost its layout, and a mixture would be laid out plainly.
        var x = bottleneck.call(ChannelsLast.Of(seen));
        return conv_seg.call(HeadDropout.Apply(x, Dropout, training, channels: true)).MoveToOuterDisposeScope();
    }
}
