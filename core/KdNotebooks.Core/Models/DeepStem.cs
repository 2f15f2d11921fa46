using KdNotebooks.Tracing;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models;

/// <summary>
/// Three 3x3 convolutions, the first of stride 2, in the place of one of 7x7: the stem of mmsegmentation's ResNetV1c,
/// with its names (<c>0, 1, 3, 4, 6, 7</c>). He et al. 2018 (arXiv:1812.01187), section 4.2, ResNet-C.
/// </summary>
internal sealed class DeepStem : Module<Tensor, Tensor>, IFoldable
{
    private readonly List<ConvNorm> steps = [];

    /// <param name="channels">Of the image.</param>
    /// <param name="width">Channels out; the first two have half as many.</param>
    /// <param name="frozenNorms">Whether its normalizations never change.</param>
    public DeepStem(long channels, long width, bool frozenNorms) : base(nameof(DeepStem))
    {
        long[] widths = [channels, Math.Max(width / 2, 1), Math.Max(width / 2, 1), width];
        for (var i = 0; i < 3; i++)
        {
            var conv = Conv2d(widths[i], widths[i + 1], 3, i == 0 ? 2 : 1, 1, bias: false);
            var norm = ConvNorm.Norm(widths[i + 1], frozenNorms);
            register_module($"{3 * i}", conv);
            register_module($"{(3 * i) + 1}", norm);
            steps.Add(new ConvNorm(conv, norm));
        }
    }

    // [N, C, H, W] -> [N, w, H/2, W/2]
    public override Tensor forward(Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        return steps.Aggregate(input, (x, step) => step.Forward(x).ReLUInPlace()).MoveToOuterDisposeScope();
    }

    void IFoldable.Fold(IReadOnlySet<Module> tapped) => steps.ForEach(step => step.Fold(tapped));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            steps.ForEach(step => step.Free());
        }

        base.Dispose(disposing);
    }
}
