using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Aligners;

/// <summary>
/// ReviewKD's attention-based fusion of one stage's map with what came up from the deeper stages. Chen et al. 2021
/// (arXiv:2104.09044), figure 3a, as in mdistiller's ABF.
/// </summary>
/// <remarks>
/// x' = BN(1x1 x); fused = a₁ x' + a₂ up(y), where [a₁, a₂] = sigmoid(1x1 [x', up(y)]), one number each for every
/// position, and up is nearest upsampling; output = BN(3x3 fused). The deepest stage has no y: fused = x'. The 1x1 and
/// 3x3 have no bias and start Kaiming-uniform with a = 1, that is on +-sqrt(3 / fan in).
/// </remarks>
internal sealed class AttentionFusion : Module<Tensor, Tensor?, (Tensor Output, Tensor Fused)>
{
    private readonly Sequential reduce, expand;
    private readonly Conv2d? attention;

    /// <param name="student">Channels of x.</param>
    /// <param name="mid">Channels in which stages are fused: the same for all of them.</param>
    /// <param name="teacher">Channels of the output.</param>
    /// <param name="deepest">Whether nothing comes up from below.</param>
    public AttentionFusion(long student, long mid, long teacher, bool deepest) : base(nameof(AttentionFusion))
    {
        reduce = Sequential(Start(Conv2d(student, mid, 1, bias: false)), BatchNorm2d(mid));
        attention = deepest ? null : Conv2d(2 * mid, 2, 1);
        expand = Sequential(Start(Conv2d(mid, teacher, 3, padding: 1, bias: false)), BatchNorm2d(teacher));
        RegisterComponents();
    }

    // x: [N, C_s, H, W]; y: [N, mid, h, w], null at the deepest stage
    // -> output [N, C_t, H, W] for the loss, fused [N, mid, H, W] for the next stage
    public override (Tensor Output, Tensor Fused) forward(Tensor x, Tensor? y)
    {
        using var scope = torch.NewDisposeScope();
        var fused = reduce.call(x);
        if (attention is not null)
        {
            var above = functional.interpolate(y!, size: [x.shape[2], x.shape[3]], mode: torch.InterpolationMode.Nearest);
            var share = attention.call(torch.cat([fused, above], 1)).sigmoid(); // [N, 2, H, W]
            fused = (fused * share[.., ..1]) + (above * share[.., 1..]);
        }

        return (expand.call(fused).MoveToOuterDisposeScope(), fused.MoveToOuterDisposeScope());
    }

    private static Conv2d Start(Conv2d conv)
    {
        init.kaiming_uniform_(
            conv.weight!, a: 1, mode: init.FanInOut.FanIn, nonlinearity: init.NonlinearityType.LeakyReLU);
        return conv;
    }
}
