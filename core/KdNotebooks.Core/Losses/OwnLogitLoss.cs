using KdNotebooks.Parts;

namespace KdNotebooks.Losses;

/// <summary>
/// A reader's function as a loss of logits; in a recipe it stands under its name with its code's fingerprint.
/// </summary>
/// <param name="name">In recipes, tables and commands: "mine".</param>
/// <param name="compute">
/// From (student, teacher, labels), [N, K], [N, K] and [N] int64, to a scalar; it detaches the teacher itself.
/// </param>
public sealed class OwnLogitLoss(string name, Func<Tensor, Tensor, Tensor, Tensor> compute) : ILogitLoss, IOwnPart
{
    public string Name => name;

    public Tensor Compute(Tensor student, Tensor teacher, Tensor labels) => compute(student, teacher, labels);
}
