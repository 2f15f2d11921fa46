using KdNotebooks.Invariants;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Losses;

/// <summary>
/// The hierarchical context loss of ReviewKD: mean squared difference of the maps, and of the maps pooled to heights
/// and widths of 4, 2 and 1 with weights 1/2, 1/4 and 1/8, divided by the sum of the weights. Chen et al. 2021
/// (arXiv:2104.09044).
/// </summary>
/// <remarks>
/// A level that is not smaller than the map's height is skipped, and the next one takes its weight, as the reference
/// does. The fusion of stages by attention (ABF) that ReviewKD puts before it is a
/// <see cref="Distillation.FusedConnection"/>; beside any aligner this is the loss alone.
/// </remarks>
[About("Σ_l w_l MSE(pool_l F_s, pool_l F_t) / Σ_l w_l, sizes H, 4, 2, 1", "Chen et al. 2021, arXiv:2104.09044",
    Claim.Distance | Claim.Pinned | Claim.BatchRepeated | Claim.ChannelsRepeated | Claim.DegreeTwo,
    Weight = "5 (CIFAR-100), 1 to 8 (ImageNet)")]
public sealed record HclLoss : IFeatureLoss
{
    private static readonly long[] Levels = [4, 2, 1];

    public string Name => "hcl";

    // student, teacher: [N, C, H, W] -> scalar
    public Tensor Compute(Tensor student, Tensor teacher)
    {
        Shape.RequireSame(nameof(HclLoss), student, teacher, "N, C, H, W");
        using var scope = torch.NewDisposeScope();
        // Pooling is linear: the pooled maps' difference is the pooled difference.
        var difference = student - teacher.detach();
        var loss = difference.square().mean();
        var (weight, total) = (1.0, 1.0);
        foreach (var level in Levels.Where(level => level < student.shape[2]))
        {
            weight /= 2;
            total += weight;
            loss += functional.adaptive_avg_pool2d(difference, level).square().mean() * weight;
        }

        return (loss / total).MoveToOuterDisposeScope();
    }
}
