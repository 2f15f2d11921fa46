using KdNotebooks.Aligners;
using KdNotebooks.Invariants;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Losses;

/// <summary>
/// The pooled student against the pooled teacher, which is first brought to mean 0 and variance 1 over its channels,
/// image by image; smooth L1 (d^2 / 2 under 1, |d| - 1/2 above), mean. Miles et al. 2024, VkD (arXiv:2403.06213).
/// </summary>
/// <remarks>
/// <para>
/// Only the teacher is normalized, so equal features are not 0 apart. The variance is the biased one plus 1e-5, as a
/// layer normalization without weights has it.
/// </para>
/// <para>
/// Left out: the paper's projector, a linear map without bias whose weight stays orthogonal, is the aligner's business.
/// </para>
/// </remarks>
[About("mean smooth-L1(z_s − LN(z_t)), z pooled", "Miles et al. 2024, arXiv:2403.06213",
    Claim.EveryLoss | Claim.NonNegative | Claim.Pinned | Claim.BatchRepeated | Claim.ChannelsRepeated
        | Claim.MapsTiled,
    Weight = "1 (ImageNet)")]
public sealed record VkdLoss : IFeatureLoss
{
    public string Name => "vkd";

    public MapFit Fit => MapFit.SameChannels;

    public Idle? IdleFor(FeatureShape student, FeatureShape teacher, int images) =>
        teacher.Channels == 1
            ? new Idle("VkdLoss brings the teacher's features to mean 0 over their channels, and of one channel 0 is "
                + "all that is left. Tap a map of more channels, or compare with l2.")
            : null;

    // student, teacher: [N, C, H, W] or [N, C] -> scalar
    public Tensor Compute(Tensor student, Tensor teacher)
    {
        Shape.RequireFeatures(nameof(VkdLoss), student, teacher, sameSize: true);
        using var scope = torch.NewDisposeScope();
        var (ours, theirs) = (Shape.PooledPrecisely(student), Shape.PooledPrecisely(teacher.detach())); // [N, C]
        var target = functional.layer_norm(theirs, [theirs.shape[1]], eps: 1e-5);
        var loss = functional.smooth_l1_loss(ours, target, nn.Reduction.Mean, beta: 1.0);
        return loss.to(student.dtype).MoveToOuterDisposeScope();
    }
}
