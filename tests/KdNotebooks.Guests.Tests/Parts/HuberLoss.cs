using KdNotebooks.Losses;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Guests.Parts;

/// <summary>A smooth absolute difference of maps, mean over everything.</summary>
/// <param name="Beta">Where it turns from squared to absolute. The default value is 1.</param>
public sealed record HuberLoss(double Beta = 1) : IFeatureLoss
{
    public string Name => "huber";

    public Tensor Compute(Tensor student, Tensor teacher) =>
        functional.smooth_l1_loss(student, teacher.detach(), beta: Beta);
}
