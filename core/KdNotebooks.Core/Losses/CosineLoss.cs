using KdNotebooks.Aligners;
using KdNotebooks.Invariants;

namespace KdNotebooks.Losses;

/// <summary>
/// One minus the cosine between the pooled student and the pooled teacher, mean over the batch. Chen et al. 2022, the
/// projector ensemble (arXiv:2210.15274).
/// </summary>
/// <remarks>
/// A feature of length 0 has no direction: its cosine with any is 0 and it passes no gradient, where the reference
/// divides by zero. Left out: the average of three projectors is the aligner's business.
/// </remarks>
[About("mean (1 − cos(z_s, z_t)), z pooled", "Chen et al. 2022, arXiv:2210.15274",
    Claim.Distance | Claim.PositiveScale | Claim.Pinned | Claim.BatchRepeated | Claim.ChannelsRepeated
        | Claim.MapsTiled | Claim.DegreeZero,
    Weight = "25 (CIFAR-100)")]
public sealed record CosineLoss : IFeatureLoss
{
    public string Name => "cosine";

    public MapFit Fit => MapFit.SameChannels;

    public Idle? IdleFor(FeatureShape student, FeatureShape teacher, int images) =>
        Idle.OneChannel(nameof(CosineLoss), student.Channels);

    // student, teacher: [N, C, H, W] or [N, C] -> scalar
    public Tensor Compute(Tensor student, Tensor teacher)
    {
        Shape.RequireFeatures(nameof(CosineLoss), student, teacher, sameSize: true);
        using var scope = torch.NewDisposeScope();
        var cosines = (Direction(student) * Direction(teacher.detach())).sum(1); // [N]
        return (1 - cosines).mean().to(student.dtype).MoveToOuterDisposeScope();
    }

    // [N, C, H, W] or [N, C] -> [N, C], rows of length 1
    private static Tensor Direction(Tensor features) => Numerics.Unit(Shape.PooledPrecisely(features), 1);
}
