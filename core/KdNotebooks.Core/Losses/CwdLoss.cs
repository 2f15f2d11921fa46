using KdNotebooks.Aligners;
using KdNotebooks.Invariants;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Losses;

/// <summary>
/// Every channel is a distribution over the positions: T^2 KL(p_t(T) || p_s(T)) of the softmax over H W, mean over
/// images and channels. Shu et al. 2021 (arXiv:2011.13256).
/// </summary>
/// <param name="Temperature">
/// Dimensionless, greater than 0. The default value is 1, mmrazor's; for segmentation 4 is in use too.
/// </param>
[About("T² Σ KL(p_t(T) ‖ p_s(T)) / (C N), p over H W", "Shu et al. 2021, arXiv:2011.13256",
    Claim.Distance | Claim.ChannelShift | Claim.Pinned | Claim.BatchRepeated | Claim.ChannelsRepeated
        | Claim.MapsTiled | Claim.TemperatureScale | Claim.TemperatureLimit,
    Weight = "5 (segmentation logits, T = 1), 10 (FPN for detection, T = 1), 3 (segmentation, T = 4)")]
public sealed record CwdLoss(double Temperature = 1.0) : IFeatureLoss
{
    public string Name => "cwd";

    public Idle? IdleFor(FeatureShape student, FeatureShape teacher, int images) =>
        Idle.OnePosition(nameof(CwdLoss), student, teacher, "distributions");

    // student, teacher: [N, C, H, W] -> scalar
    public Tensor Compute(Tensor student, Tensor teacher)
    {
        Shape.RequireSame(nameof(CwdLoss), student, teacher, "N, C, H, W");
        Option.RequirePositive(nameof(CwdLoss), "temperature", Temperature);
        using var scope = torch.NewDisposeScope();
        var (logQ, logP) = (LogDistribution(student), LogDistribution(teacher.detach()));
        var sum = Numerics.Divergence(logQ, logP, nn.Reduction.Sum);
        var loss = sum * (Temperature * Temperature / (student.shape[0] * student.shape[1]));
        return loss.to(student.dtype).MoveToOuterDisposeScope();
    }

    // [N, C, H, W] -> [N, C, H W]
    private Tensor LogDistribution(Tensor map) =>
        functional.log_softmax(map.to(Numerics.AtLeastSingle(map.dtype)).flatten(2) / Temperature, 2);
}
