using KdNotebooks.Data;

namespace KdNotebooks.Losses;

/// <summary>
/// What a built loss (<see cref="IBuiltLoss"/>) is when it looks at what is true of the images, too: the module that it
/// builds implements this beside.
/// </summary>
public interface ITargetCriterion
{
    /// <inheritdoc cref="ITargetLoss.Compute"/>
    Tensor Compute(Tensor student, Tensor teacher, ITargets targets, IReadOnlyList<ImageSize> sizes);
}
