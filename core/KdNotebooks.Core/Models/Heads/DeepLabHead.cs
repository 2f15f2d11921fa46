using KdNotebooks.Runtime;
using KdNotebooks.Tracing;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models;

/// <summary>
/// DeepLabV3's head: atrous spatial pyramid pooling, a 3x3 convolution, logits. Names as in torchvision (<c>0, 1, 2,
/// 4</c>). Chen et al. 2017 (arXiv:1706.05587).
/// </summary>
public sealed class DeepLabHead : Module<Tensor, Tensor>, IFoldable
{
    [ComponentName(Name = "0")]
    private readonly Aspp pyramid;

    [ComponentName(Name = "1")]
    private readonly Conv2d conv;

    [ComponentName(Name = "2")]
    private readonly BatchNorm2d norm;

    [ComponentName(Name = "4")]
    private readonly Conv2d score;

    private readonly ConvNorm step;

    /// <param name="inputs">Channels in.</param>
    /// <param name="classes">How many logits a position.</param>
    /// <param name="channels">Of each branch, and between. The default value is 256.</param>
    /// <param name="rates">
    /// Dilations; by default 12, 24, 36, which are for output stride 8. For 16 the paper takes 6, 12, 18.
    /// </param>
    /// <exception cref="KdException">No rate, or one below 1.</exception>
    public DeepLabHead(long inputs, long classes, long channels = 256, IReadOnlyList<int>? rates = null)
        : base(nameof(DeepLabHead))
    {
        rates ??= [12, 24, 36];
        if (rates.Count == 0 || rates.Any(rate => rate < 1))
        {
            throw new KdException(
                $"DeepLabHead: rates are [{string.Join(", ", rates)}]; expected at least one, each at least 1.");
        }

        pyramid = new Aspp(inputs, channels, rates);
        conv = Conv2d(channels, channels, 3, 1, 1, bias: false);
        norm = BatchNorm2d(channels);
        step = new ConvNorm(conv, norm);
        score = Conv2d(channels, classes, 1);
        RegisterComponents();
    }

    // [N, C, H, W] -> [N, K, H, W]
    public override Tensor forward(Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        var x = pyramid.call(input); // [N, channels, H, W]
        return score.call(step.Forward(x).ReLUInPlace()).MoveToOuterDisposeScope();
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
