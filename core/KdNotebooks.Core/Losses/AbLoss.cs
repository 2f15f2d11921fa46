using KdNotebooks.Invariants;

namespace KdNotebooks.Losses;

/// <summary>
/// The student's neurons shall be on where the teacher's are, whatever their height: it pays the square of what is
/// missing to a margin m on the teacher's side of zero, max(0, m - F_s)^2 where F_t is above 0 and max(0, m + F_s)^2
/// elsewhere. Heo et al. 2019 (arXiv:1811.03233). The maps are those before the activation.
/// </summary>
/// <remarks>
/// <para>
/// Summed over everything, divided by the images in the batch, times 3/1000: the scale of RepDistiller's AB.py. It is
/// not 0 at equality: a student's number on the right side of zero pays until it reaches the margin.
/// </para>
/// <para>
/// Left out: the stage weights 1/2^(n-i-1) are the caller's alpha, and the two stages of the paper (this loss alone
/// first, then training for the task) are two runs.
/// </para>
/// </remarks>
/// <param name="Margin">In units of the map, greater than 0. The default value is 1.</param>
[About("3/1000 Σ max(0, m − sign(F_t) F_s)², over N", "Heo et al. 2019, arXiv:1811.03233",
    Claim.EveryLoss | Claim.NonNegative | Claim.Pinned | Claim.BatchRepeated)]
public sealed record AbLoss(double Margin = 1.0) : IFeatureLoss
{
    private const double Scale = 3.0 / 1000;

    public string Name => "ab";

    // student, teacher: [N, C, H, W] -> scalar
    public Tensor Compute(Tensor student, Tensor teacher)
    {
        Shape.RequireSame(nameof(AbLoss), student, teacher, "N, C, H, W");
        Option.RequirePositive(nameof(AbLoss), "margin", Margin);
        using var scope = torch.NewDisposeScope();
        var missing = Margin - torch.where(teacher.detach() > 0, student, -student); // 0 belongs to the off side
        return (missing.relu().square().sum() * (Scale / student.shape[0])).MoveToOuterDisposeScope();
    }
}
