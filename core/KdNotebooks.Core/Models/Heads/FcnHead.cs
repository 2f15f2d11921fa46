using KdNotebooks.Tracing;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models;

/// <summary>
/// The fully convolutional head of torchvision, also as the auxiliary head of others: a 3x3 convolution to fewer
/// channels, then logits. Names as there (<c>0, 1, 4</c>). Long, Shelhamer and Darrell 2015 (arXiv:1411.4038).
/// </summary>
public sealed class FcnHead : Module<Tensor, Tensor>, IFoldable
{
    private const double Dropout = 0.1;

    [ComponentName(Name = "0")]
    private readonly Conv2d conv;

    [ComponentName(Name = "1")]
    private readonly BatchNorm2d norm;

    [ComponentName(Name = "4")]
    private readonly Conv2d score;

    private readonly ConvNorm step;

    /// <param name="inputs">Channels in.</param>
    /// <param name="classes">How many logits a position.</param>
    /// <param name="hidden">Channels between; the default value null means a quarter of the inputs.</param>
    public FcnHead(long inputs, long classes, long? hidden = null) : base(nameof(FcnHead))
    {
        var width = hidden ?? Math.Max(inputs / 4, 1);
        conv = Conv2d(inputs, width, 3, 1, 1, bias: false);
        norm = BatchNorm2d(width);
        score = Conv2d(width, classes, 1);
        step = new ConvNorm(conv, norm);
        RegisterComponents();
    }

    // [N, C, H, W] -> [N, K, H, W]
    public override Tensor forward(Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        var x = step.Forward(input).ReLUInPlace(); // [N, hidden, H, W]
        return score.call(HeadDropout.Apply(x, Dropout, training)).MoveToOuterDisposeScope();
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
