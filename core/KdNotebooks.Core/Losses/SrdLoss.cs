using KdNotebooks.Aligners;
using KdNotebooks.Invariants;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Losses;

/// <summary>
/// The logarithm of the sum of |z_s - z_t|^p: both sides are pooled and standardized channel by channel over the batch,
/// and the logarithm keeps a wide gap between student and teacher from ruling the gradient. Miles and Mikolajczyk 2024
/// (arXiv:2303.11098).
/// </summary>
/// <remarks>
/// <para>
/// Standardized as a batch normalization without weights does in training: biased variance plus 1e-4. The sum runs over
/// images and channels, so the value grows with the logarithm of both.
/// </para>
/// <para>
/// It is negative where the sum is under 1, and would be minus infinity at equality. Here the sum is at least the
/// smallest normal number of float32: there the value is -87.3 and the gradient 0, and every other sum is untouched.
/// The reference has no such bound.
/// </para>
/// <para>
/// Left out: the linear projector is the aligner's business (<see cref="Aligners.Linear"/>), and KL of the logits,
/// which the paper adds at temperature 1, is <c>KdLoss(1)</c> beside it.
/// </para>
/// </remarks>
/// <param name="Exponent">The power p, at least 1. The default value is 4.</param>
[About("log Σ |ẑ_s − ẑ_t|^p, ẑ pooled, standardized over N", "Miles, Mikolajczyk 2024, arXiv:2303.11098",
    Claim.EveryLoss | Claim.ChannelShift | Claim.Pinned | Claim.MapsTiled,
    Weight = "2 (ImageNet)")]
public sealed record SrdLoss(double Exponent = 4.0) : IFeatureLoss
{
    private const double Epsilon = 1e-4;
    private const double SmallestNormal = 1.17549435e-38;

    public string Name => "srd";

    public MapFit Fit => MapFit.SameChannels;

    public Idle? IdleFor(FeatureShape student, FeatureShape teacher, int images) =>
        images == 2
            ? new Idle("SrdLoss standardizes each channel over the images, and of two images one becomes +1 and the "
                + "other -1, whatever they are. Take batches of at least 3.")
            : null;

    // student, teacher: [N, C, H, W] or [N, C] -> scalar
    public Tensor Compute(Tensor student, Tensor teacher)
    {
        Shape.RequireFeatures(nameof(SrdLoss), student, teacher, sameSize: true, images: 2);
        Option.RequireAtLeast(1, nameof(SrdLoss), "exponent", Exponent);
        using var scope = torch.NewDisposeScope();
        var difference = Standardized(student) - Standardized(teacher.detach()); // [N, C]
        var sum = difference.abs().pow(Exponent).sum();
        return sum.clamp_min(SmallestNormal).log().to(student.dtype).MoveToOuterDisposeScope();
    }

    // [N, C, H, W] or [N, C] -> [N, C], each column with mean 0 and variance 1
    private static Tensor Standardized(Tensor features) =>
        functional.batch_norm(Shape.PooledPrecisely(features), null, null, training: true, eps: Epsilon);
}
