using KdNotebooks.Aligners;
using KdNotebooks.Invariants;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Losses;

/// <summary>
/// Neuron selectivity transfer: the squared maximum mean discrepancy between the student's channels and the teacher's,
/// mean k(s, s') + mean k(t, t') - 2 mean k(s, t), with k(a, b) = (a . b)^2 and each channel a vector over positions of
/// length 1. Mean over images and pairs of channels. Huang and Wang 2017 (arXiv:1707.01219), with the polynomial kernel
/// of degree 2.
/// </summary>
/// <remarks>
/// Channels may differ in number. Where height or width differ, the larger map is average-pooled. The discrepancy is
/// the squared distance of two matrices over positions, and computed as such where that is less work; else as written
/// above, which may round it to as much as 1e-15 below 0 (1e-6 in single precision). Left out: the linear and the
/// Gaussian kernel.
/// </remarks>
[About("mean k(s, s′) + mean k(t, t′) − 2 mean k(s, t), k = (aᵀb)², channels of length 1 over HW; mean over N, C, C′",
    "Huang, Wang 2017, arXiv:1707.01219",
    Claim.Distance | Claim.ChannelOrder | Claim.PositiveScale | Claim.Pinned | Claim.BatchRepeated
        | Claim.ChannelsRepeated | Claim.MapsTiled | Claim.DegreeZero,
    Weight = "50, summed over stages (CIFAR-100)")]
public sealed record NstLoss : IFeatureLoss
{
    public string Name => "nst";

    public MapFit Fit => MapFit.Any;

    public Idle? IdleFor(FeatureShape student, FeatureShape teacher, int images) =>
        Idle.OnePosition(nameof(NstLoss), student, teacher, "channels of length 1");

    // student: [N, C_s, H_s, W_s], teacher: [N, C_t, H_t, W_t] -> scalar
    public Tensor Compute(Tensor student, Tensor teacher)
    {
        Shape.RequireMaps(nameof(NstLoss), student, teacher);
        using var scope = torch.NewDisposeScope();
        var (ours, theirs) = Shape.Smaller(student, teacher.detach());
        var (s, t) = (ours.flatten(2), theirs.flatten(2)); // [N, C, HW]
        var loss = PositionsAreLess(s, t) ? OverPositions(s, t) : OverChannels(s, t);
        return loss.to(student.dtype).MoveToOuterDisposeScope();
    }

    // Multiplications of the one way and of the other, for each image and position.
    private static bool PositionsAreLess(Tensor s, Tensor t)
    {
        var (ours, theirs, positions) = (s.shape[1], t.shape[1], s.shape[2]);
        return positions * (ours + theirs) <= (ours * ours) + (ours * theirs) + (theirs * theirs);
    }

    // The sum over c, c' of (a_c . b_c')^2 is the product A^T A : B^T B, so all three terms are one square:
    // |S^T S / C_s - T^T T / C_t|^2.
    private static Tensor OverPositions(Tensor s, Tensor t)
    {
        return functional.mse_loss(Moments(s), Moments(t), nn.Reduction.Sum) / s.shape[0];

        // [N, C, HW] -> [N, HW, HW]
        static Tensor Moments(Tensor map)
        {
            var channels = Numerics.Unit(map, 2);
            var sums = channels.transpose(1, 2).bmm(channels);
            return sums.to(Numerics.AtLeastSingle(map.dtype)) / map.shape[1];
        }
    }

    private static Tensor OverChannels(Tensor s, Tensor t)
    {
        // The products of the maps as they are, then divided: less than a map whose channels are of length 1.
        var (ours, theirs) = (Products(s, s), Products(t, t));
        var (scaleS, scaleT) = (Scale(ours), Scale(theirs));
        return Kernel(ours, scaleS, scaleS) + Kernel(theirs, scaleT, scaleT)
            - (2 * Kernel(Products(s, t), scaleS, scaleT));

        // [N, C, HW], [N, C', HW] -> [N, C, C']
        static Tensor Products(Tensor a, Tensor b) =>
            a.bmm(b.transpose(1, 2)).to(Numerics.AtLeastSingle(a.dtype));

        // -> 1 / length of each channel: [N, C]
        static Tensor Scale(Tensor products) => Numerics.Divisors(products.diagonal(0, 1, 2)).rsqrt();

        static Tensor Kernel(Tensor products, Tensor a, Tensor b) =>
            (products * a.unsqueeze(2) * b.unsqueeze(1)).square().mean();
    }
}
