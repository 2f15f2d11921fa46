using KdNotebooks.Parts;

namespace KdNotebooks.Losses;

/// <summary>
/// A reader's function as a loss of feature maps; in a recipe it stands under its name with its code's fingerprint.
/// </summary>
/// <param name="name">In recipes, tables and commands: "mine".</param>
/// <param name="compute">
/// From (student, teacher), [N, C, H, W] each, to a scalar; it detaches the teacher itself.
/// </param>
/// <param name="fit">Which maps it compares. The default is maps of one shape.</param>
public sealed class OwnLoss(string name, Func<Tensor, Tensor, Tensor> compute, MapFit fit = MapFit.SameShape)
    : IFeatureLoss, IOwnPart
{
    public string Name => name;

    public MapFit Fit => fit;

    public Tensor Compute(Tensor student, Tensor teacher) => compute(student, teacher);
}
