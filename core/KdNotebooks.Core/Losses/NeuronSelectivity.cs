using KdNotebooks.Invariants;
using KdNotebooks.Methods;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Losses;

/// <summary>
/// Neuron selectivity transfer: the squared maximum mean discrepancy between the student's channels and the teacher's,
/// mean k(s, s') + mean k(t, t') - 2 mean k(s, t), with k(a, b) = (a . b)^2 and each channel a vector over positions of
/// length 1. Mean over images and pairs of channels. Huang and Wang 2017 (arXiv:1707.01219), with the
/// polynomial kernel of degree 2.
/// </summary>
/// <remarks>
/// Channels may differ in number. Where height or width differ, the larger map is average-pooled. The discrepancy is the
/// squared distance of two matrices over positions, and computed as such where that is less work; else as written above,
/// which may round it to as much as 1e-15 below 0 (1e-6 in single precision). Left out: the linear and the Gaussian
/// kernel.
/// </remarks>
[Method("mean k(s, s′) + mean k(t, t′) − 2 mean k(s, t), k = (aᵀb)², channels of length 1 over HW; mean over N, C, C′",
    "Huang, Wang 2017, arXiv:1707.01219", Claim.Distance | Claim.ChannelOrder | Claim.PositiveScale,
    Weight = "50, summed over stages (CIFAR-100)")]
public sealed record NeuronSelectivity : IFeatureLoss
{
    public string Name => "nst";

    public MapFit Fit => MapFit.Any;

    // student: [N, C_s, H_s, W_s], teacher: [N, C_t, H_t, W_t] -> scalar
    public Tensor Compute(Tensor student, Tensor teacher)
    {
        Shape.RequireMaps(nameof(NeuronSelectivity), student, teacher);
        using var scope = torch.NewDisposeScope();
        var (ours, theirs) = Shape.Smaller(student, teacher.detach());
        var (s, t) = (Channels(ours), Channels(theirs));
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
        static Tensor Moments(Tensor channels) =>
            channels.transpose(1, 2).bmm(channels).to(Numerics.AtLeastSingle(channels.dtype)) / channels.shape[1];
    }

    private static Tensor OverChannels(Tensor s, Tensor t)
    {
        return Kernel(t, t) + Kernel(s, s) - (2 * Kernel(s, t));

        // [N, C, HW], [N, C', HW] -> scalar
        static Tensor Kernel(Tensor a, Tensor b) =>
            a.bmm(b.transpose(1, 2)).square().mean([0, 1, 2], type: Numerics.AtLeastSingle(a.dtype));
    }

    // [N, C, H, W] -> [N, C, HW], of length 1 over positions
    private static Tensor Channels(Tensor map) => Numerics.Unit(map.flatten(2), 2);
}
