using KdNotebooks.Invariants;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Losses;

/// <summary>
/// The paper's feature loss: the squared difference of the transformed student's map and the teacher's.
/// Liu, Wang, Chu 2023 (arXiv:2303.13212). What the paper divides by is not known; both common reductions are here.
/// </summary>
/// <param name="Reduction">The default value is <see cref="Losses.Reduction.Mean"/>.</param>
[About("Σ (A(F_s) − F_t)², over N or over everything", "Liu, Wang, Chu 2023, arXiv:2303.13212",
    Claim.Distance | Claim.SumIsMeanTimesSize | Claim.Pinned | Claim.BatchRepeated | Claim.DegreeTwo)]
public sealed record L2Loss(Reduction Reduction = Reduction.Mean) : IReducible
{
    public string Name => "l2";

    // student, teacher: [N, C, H, W] -> scalar
    public Tensor Compute(Tensor student, Tensor teacher)
    {
        Shape.RequireSame(nameof(L2Loss), student, teacher, "N, C, H, W");
        using var scope = torch.NewDisposeScope();
        // One fused kernel each way, and no difference map is kept for the backward pass.
        var loss = Reduction == Reduction.Mean
            ? functional.mse_loss(student, teacher.detach())
            : functional.mse_loss(student, teacher.detach(), nn.Reduction.Sum) / student.shape[0];
        return loss.MoveToOuterDisposeScope();
    }

    IFeatureLoss IReducible.With(Reduction reduction) => this with { Reduction = reduction };
}
