using KdNotebooks.Aligners;
using KdNotebooks.Invariants;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Losses;

/// <summary>
/// Attention transfer: the mean over images and positions of (Q_s - Q_t)^2, where Q is the map's mean over channels of
/// |F|^p, of length 1 for each image. Zagoruyko and Komodakis 2017 (arXiv:1612.03928).
/// </summary>
/// <remarks>
/// Channels may differ, for Q has none. Where height or width differ, the larger map is average-pooled first. The paper
/// takes the length of Q_s - Q_t; the mean square is what its authors' and later code does.
/// </remarks>
/// <param name="Power">p, at least 1. The default value is 2.</param>
[About("(Q_s − Q_t)², Q = mean_c |F|^p of length 1 for each image; mean over everything",
    "Zagoruyko, Komodakis 2017, arXiv:1612.03928",
    Claim.Distance | Claim.ChannelOrder | Claim.PositiveScale | Claim.Pinned | Claim.BatchRepeated
        | Claim.ChannelsRepeated | Claim.DegreeZero,
    Weight = "1000, summed over stages (CIFAR-100)")]
public sealed record AtLoss(double Power = 2) : IFeatureLoss
{
    public string Name => "at";

    public MapFit Fit => MapFit.Any;

    public Idle? IdleFor(FeatureShape student, FeatureShape teacher, int images) =>
        Idle.OnePosition(nameof(AtLoss), student, teacher, "attention of length 1");

    // student: [N, C_s, H_s, W_s], teacher: [N, C_t, H_t, W_t] -> scalar
    public Tensor Compute(Tensor student, Tensor teacher)
    {
        Shape.RequireMaps(nameof(AtLoss), student, teacher);
        Option.RequireAtLeast(1, nameof(AtLoss), "power", Power);
        using var scope = torch.NewDisposeScope();
        var (ours, theirs) = Shape.Smaller(student, teacher.detach());
        var loss = functional.mse_loss(Attention(ours), Attention(theirs), nn.Reduction.Mean);
        return loss.to(student.dtype).MoveToOuterDisposeScope();
    }

    // [N, C, H, W] -> [N, H W]
    private Tensor Attention(Tensor map)
    {
        // A sum over channels has the mean's direction. For squares there is a kernel that makes no map of them.
        var type = Numerics.AtLeastSingle(map.dtype);
        var energy = Power == 2 && type == map.dtype
            ? torch.linalg.vector_norm(map, dims: [1]).square()
            : map.abs().pow(Power).sum([1], type: type);
        return Numerics.Unit(energy.flatten(1), 1);
    }
}
