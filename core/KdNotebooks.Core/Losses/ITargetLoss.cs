using KdNotebooks.Data;

namespace KdNotebooks.Losses;

/// <summary>
/// A feature loss that looks at what is true of the images: it may weigh foreground and background apart, or leave out
/// what was padded.
/// </summary>
/// <remarks><see cref="IFeatureLoss.Compute"/> is the loss where nothing is known of the images.</remarks>
public interface ITargetLoss : IFeatureLoss
{
    /// <param name="student">[N, C, H, W]; gradients flow into it.</param>
    /// <param name="teacher">[N, C, H, W]; no gradient flows into it.</param>
    /// <param name="targets">Of the batch; the loss knows its task's kind.</param>
    /// <param name="sizes">[N], each image's own size in pixels within the batch's.</param>
    /// <returns>A scalar.</returns>
    Tensor Compute(Tensor student, Tensor teacher, ITargets targets, IReadOnlyList<ImageSize> sizes);
}
