namespace KdNotebooks.Losses;

/// <summary>A feature loss that weighs positions by how sure the teacher is that a thing is there.</summary>
/// <remarks><see cref="IFeatureLoss.Compute"/> is the loss where all positions weigh alike.</remarks>
public interface IScoredLoss : IFeatureLoss
{
    /// <param name="student">[N, C, H, W]; gradients flow into it.</param>
    /// <param name="teacher">[N, C, H, W]; no gradient flows into it.</param>
    /// <param name="scores">[N, 1, H, W], 0 to 1; no gradient flows into it.</param>
    /// <returns>A scalar.</returns>
    /// <exception cref="Runtime.KdException">The shapes do not fit each other.</exception>
    Tensor Compute(Tensor student, Tensor teacher, Tensor scores);
}
