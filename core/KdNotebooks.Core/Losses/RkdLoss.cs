using KdNotebooks.Aligners;
using KdNotebooks.Invariants;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Losses;

/// <summary>
/// RkdLoss distillation: how far images lie from each other, over the mean of that, and the cosines of the angles
/// between them; student against teacher by smooth L1 (beta 1), w_d times the mean over pairs plus w_a times the mean
/// over triplets. Park et al. 2019 (arXiv:1904.05068).
/// </summary>
/// <remarks>
/// Of features [N, D], or of the spatial means of maps. Means are over all N^2 pairs and N^3 triplets, those of an
/// image with itself included, as in the authors' code; the mean distance is over pairs of two images. From an image to
/// one of equal features there is no direction: cosines with it are 0 and pass no gradient. Memory grows with N^3.
/// </remarks>
/// <param name="DistanceWeight">w_d, at least 0. The default value is 25.</param>
/// <param name="AngleWeight">w_a, at least 0. The default value is 50.</param>
[About("w_d smoothL1(d_s, d_t) + w_a smoothL1(cos_s, cos_t), d: distances over their mean, cos: angles of triplets",
    "Park et al. 2019, arXiv:1904.05068",
    Claim.Distance | Claim.Similarity | Claim.Pinned | Claim.ChannelsRepeated | Claim.MapsTiled
        | Claim.DegreeZero,
    Weight = "1 (CIFAR-100)")]
public sealed record RkdLoss(double DistanceWeight = 25, double AngleWeight = 50) : IFeatureLoss
{
    public string Name => "rkd";

    public MapFit Fit => MapFit.Any;

    public Idle? IdleFor(FeatureShape student, FeatureShape teacher, int images) =>
        student.Channels == 1 && AngleWeight > 0
            ? new Idle("RkdLoss's angles are those between points on a line, for the features have one channel, and do "
                + "not change. Tap a map of more channels, or set the angle weight to 0.", Whole: DistanceWeight == 0)
            : null;

    // student: [N, D_s] or [N, C_s, H_s, W_s], teacher: likewise -> scalar
    public Tensor Compute(Tensor student, Tensor teacher)
    {
        // Two images have one distance and no angle: nothing could be learned from them.
        Shape.RequireFeatures(nameof(RkdLoss), student, teacher, sameSize: false, images: 3);
        Option.RequireAtLeast(0, nameof(RkdLoss), "distance weight", DistanceWeight);
        Option.RequireAtLeast(0, nameof(RkdLoss), "angle weight", AngleWeight);
        using var scope = torch.NewDisposeScope();
        var (ours, theirs) = (Relations(student), Relations(teacher.detach()));
        var distance = functional.smooth_l1_loss(ours.Distances, theirs.Distances, nn.Reduction.Mean, beta: 1);
        var angle = functional.smooth_l1_loss(ours.Cosines, theirs.Cosines, nn.Reduction.Mean, beta: 1);
        return ((distance * DistanceWeight) + (angle * AngleWeight)).to(student.dtype).MoveToOuterDisposeScope();
    }

    // Distances: [N, N]; cosines at each image between the directions of two others: [N, N, N]
    private static (Tensor Distances, Tensor Cosines) Relations(Tensor features)
    {
        var points = Shape.PooledPrecisely(features); // [N, D]
        var images = points.shape[0];
        // Not through |a|^2 + |b|^2 - 2 a.b, which leaves nothing of a small distance in single precision.
        var lengths = torch.cdist(points, points, 2, compute_mode.donot_use_mm_for_euclid_dist);
        var mean = lengths.sum() / (images * (images - 1));
        var distances = lengths / mean.clamp_min(1e-12);
        // By the law of cosines the angles are known from the distances: no [N, N, D] of directions is needed.
        var squares = distances.square();
        var inverses = Numerics.Divisors(distances).reciprocal() * Math.Sqrt(0.5);
        var cosines = (squares.unsqueeze(2) + squares.unsqueeze(1)).sub_(squares.unsqueeze(0))
            * (inverses.unsqueeze(2) * inverses.unsqueeze(1));
        return (distances, cosines);
    }
}
