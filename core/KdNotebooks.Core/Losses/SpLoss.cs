using KdNotebooks.Invariants;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Losses;

/// <summary>
/// Similarity-preserving distillation: |G_s - G_t|^2 / N^2, where G = X X^T holds the products of the images' whole
/// maps X [N, C H W], its rows of length 1. Tung and Mori 2019 (arXiv:1907.09682).
/// </summary>
/// <remarks>Channels, height and width may differ: only the images are compared, with each other.</remarks>
[About("‖G_s − G_t‖² / N², G = X Xᵀ with rows of length 1, X: [N, CHW]", "Tung, Mori 2019, arXiv:1907.09682",
    Claim.Distance | Claim.PositiveScale | Claim.Orthogonal | Claim.Pinned | Claim.ChannelsRepeated
        | Claim.MapsTiled | Claim.DegreeZero,
    Weight = "3000 (CIFAR-100)")]
public sealed record SpLoss : IFeatureLoss
{
    public string Name => "sp";

    public MapFit Fit => MapFit.Any;

    // student: [N, C_s, H_s, W_s], teacher: [N, C_t, H_t, W_t] -> scalar
    public Tensor Compute(Tensor student, Tensor teacher)
    {
        Shape.RequireMaps(nameof(SpLoss), student, teacher);
        Shape.RequireFeatures(nameof(SpLoss), student, teacher, sameSize: false, images: 2);
        using var scope = torch.NewDisposeScope();
        var (ours, theirs) = (Similarities(student), Similarities(teacher.detach()));
        var loss = functional.mse_loss(ours, theirs, nn.Reduction.Mean);
        return loss.to(student.dtype).MoveToOuterDisposeScope();
    }

    // [N, C, H, W] -> [N, N]
    private static Tensor Similarities(Tensor map)
    {
        // The order within a row does not matter, so that a channels-last map need not be copied.
        var rows = (map.is_contiguous() ? map : map.permute(0, 2, 3, 1)).flatten(1);
        var products = rows.mm(rows.t());
        return Numerics.Unit(products.to(Numerics.AtLeastSingle(map.dtype)), 1);
    }
}
