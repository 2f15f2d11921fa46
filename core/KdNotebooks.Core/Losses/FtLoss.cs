using KdNotebooks.Aligners;
using KdNotebooks.Invariants;

namespace KdNotebooks.Losses;

/// <summary>
/// The difference of two factors: a factor is the mean of a map's powers over its channels, as one vector for each
/// image of length 1. Mean over images and positions of |difference|^q. Kim et al. 2018 (arXiv:1802.04977), as
/// RepDistiller's FT.py computes it. The larger map is average-pooled to the smaller.
/// </summary>
/// <remarks>
/// Left out: the paraphraser (an autoencoder trained on the teacher's maps beforehand) and the translator that the
/// paper puts before the factors. Without them the factors are attention maps of the maps themselves.
/// </remarks>
/// <param name="Power">Of the numbers of a map, at least 1. The default value is 2.</param>
/// <param name="Norm">The power q of the difference, at least 1. The default value is 1.</param>
[About("mean |f_s − f_t|^q, f = v/‖v‖, v = mean_c F^p", "Kim et al. 2018, arXiv:1802.04977",
    Claim.Distance | Claim.ChannelOrder | Claim.PositiveScale | Claim.Pinned | Claim.BatchRepeated
        | Claim.ChannelsRepeated | Claim.DegreeZero,
    Weight = "200 (CIFAR-100)")]
public sealed record FtLoss(int Power = 2, int Norm = 1) : IFeatureLoss
{
    public string Name => "ft";

    public MapFit Fit => MapFit.Any;

    public Idle? IdleFor(FeatureShape student, FeatureShape teacher, int images) =>
        Idle.OnePosition(nameof(FtLoss), student, teacher, "factors of length 1");

    // student: [N, C, H, W], teacher: [N, C', H', W'] -> scalar
    public Tensor Compute(Tensor student, Tensor teacher)
    {
        Shape.RequireMaps(nameof(FtLoss), student, teacher);
        Option.RequireAtLeast(1, nameof(FtLoss), "power", Power);
        Option.RequireAtLeast(1, nameof(FtLoss), "norm", Norm);
        using var scope = torch.NewDisposeScope();
        var (ours, theirs) = Shape.Smaller(student, teacher.detach());
        var difference = (Factor(ours) - Factor(theirs)).abs();
        var loss = (Norm == 1 ? difference : difference.pow(Norm)).mean();
        return loss.to(student.dtype).MoveToOuterDisposeScope();
    }

    // [N, C, H, W] -> [N, H W], rows of length 1
    private Tensor Factor(Tensor map)
    {
        // The sign of a small difference is all of its gradient where the norm is 1: half precision would flip it.
        var precise = map.to(Numerics.AtLeastSingle(map.dtype));
        return Numerics.Unit(precise.pow(Power).mean([1]).flatten(1), 1);
    }
}
