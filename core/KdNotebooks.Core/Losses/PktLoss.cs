using KdNotebooks.Aligners;
using KdNotebooks.Invariants;

namespace KdNotebooks.Losses;

/// <summary>
/// Probabilistic knowledge transfer: the mean over all N^2 pairs of p_t log((p_t + e) / (p_s + e)), where row i of p
/// says how probable each image is as a neighbour of image i: (cosine + 1) / 2, divided by the row's sum. Passalis and
/// Tefas 2018 (arXiv:1803.10837), with the cosine kernel and the Kullback-Leibler divergence.
/// </summary>
/// <remarks>
/// Of features [N, D], or of the spatial means of maps. e = 1e-7 stands in the logarithm and beside each feature's
/// length, as in the authors' code: so the loss is at least -1e-7 rather than 0, its gradient at equal features is of
/// the order of e, and a factor on the features matters to about e over their length.
/// </remarks>
[About("p_t log((p_t + ε) / (p_s + ε)), p: rows of (cos + 1) / 2 over their sum; mean over N²",
    "Passalis, Tefas 2018, arXiv:1803.10837",
    Claim.Distance | Claim.PositiveScale | Claim.Orthogonal | Claim.Pinned | Claim.ChannelsRepeated
        | Claim.MapsTiled | Claim.DegreeZero,
    Weight = "30000 (CIFAR-100)")]
public sealed record PktLoss : IFeatureLoss
{
    private const double Epsilon = 1e-7;

    public string Name => "pkt";

    public MapFit Fit => MapFit.Any;

    public Idle? IdleFor(FeatureShape student, FeatureShape teacher, int images) =>
        Idle.OneChannel(nameof(PktLoss), student.Channels);

    // student: [N, D_s] or [N, C_s, H_s, W_s], teacher: likewise -> scalar
    public Tensor Compute(Tensor student, Tensor teacher)
    {
        Shape.RequireFeatures(nameof(PktLoss), student, teacher, sameSize: false, images: 2);
        using var scope = torch.NewDisposeScope();
        var (q, p) = (Neighbours(student), Neighbours(teacher.detach()));
        var loss = (p * ((p + Epsilon).log() - (q + Epsilon).log())).mean();
        return loss.to(student.dtype).MoveToOuterDisposeScope();
    }

    // -> [N, N], rows of sum 1
    private static Tensor Neighbours(Tensor features)
    {
        // In double precision: nearly opposite features have a cosine near -1, and what single leaves of the sum with 1
        // is rounding as large as e. The matrices are small.
        var points = Shape.PooledPrecisely(features).to(torch.float64); // [N, D]
        var directions = Numerics.Unit(points, 1, Epsilon);
        // A cosine may be rounded to less than -1; a probability may not be negative.
        var similarities = ((directions.mm(directions.t()) + 1) / 2).clamp_min(0);
        return similarities / similarities.sum(1, keepdim: true);
    }
}
