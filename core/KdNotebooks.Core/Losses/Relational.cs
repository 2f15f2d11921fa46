using KdNotebooks.Invariants;
using KdNotebooks.Methods;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Losses;

/// <summary>
/// Relational distillation: how far images lie from each other, over the mean of that, and the cosines of the angles
/// between them; student against teacher by smooth L1 (beta 1), w_d times the mean over pairs plus w_a times the mean
/// over triplets. Park et al. 2019 (arXiv:1904.05068).
/// </summary>
/// <remarks>
/// Of features [N, D], or of the spatial means of maps. Means are over all N^2 pairs and N^3 triplets, those of an image
/// with itself included, as in the authors' code; the mean distance is over pairs of two images. Two images with equal
/// features have no direction: cosines with it are 0 and pass no gradient (there, within 1e-12, the authors' code is
/// steep to 1e12). Memory grows with N^2 D and N^3.
/// </remarks>
/// <param name="DistanceWeight">w_d, at least 0. The default value is 25.</param>
/// <param name="AngleWeight">w_a, at least 0. The default value is 50.</param>
[Method("w_d smoothL1(d_s, d_t) + w_a smoothL1(cos_s, cos_t), d: distances over their mean, cos: angles of triplets",
    "Park et al. 2019, arXiv:1904.05068", Claim.Distance | Claim.Similarity, Weight = "1 (CIFAR-100)")]
public sealed record Relational(double DistanceWeight = 25, double AngleWeight = 50) : IFeatureLoss
{
    public string Name => "rkd";

    public MapFit Fit => MapFit.Any;

    // student: [N, D_s] or [N, C_s, H_s, W_s], teacher: likewise -> scalar
    public Tensor Compute(Tensor student, Tensor teacher)
    {
        // Two images have one distance and no angle: nothing could be learned from them.
        Shape.RequireFeatures(nameof(Relational), student, teacher, sameSize: false, images: 3);
        Option.RequireAtLeast(0, nameof(Relational), "distance weight", DistanceWeight);
        Option.RequireAtLeast(0, nameof(Relational), "angle weight", AngleWeight);
        using var scope = torch.NewDisposeScope();
        var (ours, theirs) = (Relations(student), Relations(teacher.detach()));
        var distance = functional.smooth_l1_loss(ours.Distances, theirs.Distances, nn.Reduction.Mean, beta: 1);
        var angle = functional.smooth_l1_loss(ours.Cosines, theirs.Cosines, nn.Reduction.Mean, beta: 1);
        return ((distance * DistanceWeight) + (angle * AngleWeight)).to(student.dtype).MoveToOuterDisposeScope();
    }

    // Distances: [N, N, 1]; cosines at each image between the directions of two others: [N, N, N]
    private static (Tensor Distances, Tensor Cosines) Relations(Tensor features)
    {
        var points = Shape.PooledPrecisely(features); // [N, D]
        // Written out, not through |a|^2 + |b|^2 - 2 a.b, which leaves nothing of a small distance in single precision.
        var edges = points.unsqueeze(0) - points.unsqueeze(1); // [N, N, D]
        var lengths = torch.linalg.vector_norm(edges, dims: [2], keepdim: true); // [N, N, 1]
        var images = points.shape[0];
        var mean = lengths.sum() / (images * (images - 1));
        var directions = Numerics.Unit(edges, lengths);
        return (lengths / mean.clamp_min(1e-12), directions.bmm(directions.transpose(1, 2)));
    }
}
