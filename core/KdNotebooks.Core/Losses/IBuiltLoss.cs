using static TorchSharp.torch.nn;

namespace KdNotebooks.Losses;

/// <summary>
/// A feature loss with weights of its own, or with something that it must know of the teacher: it is built for a
/// connection. Its options are a value like any loss's; its weights are trained beside the student's.
/// </summary>
/// <remarks>
/// <see cref="IFeatureLoss.Compute"/> is the loss as it starts: before training, without what is learned.
/// </remarks>
public interface IBuiltLoss : IFeatureLoss
{
    /// <param name="student">The aligned student's map, for one image.</param>
    /// <param name="teacher">The teacher's map, for one image.</param>
    /// <param name="norm">
    /// The teacher's batch normalization at the tapped module; null where that module neither is nor ends with one.
    /// </param>
    /// <returns>A module from (student, teacher), [N, C, H, W] each, to a scalar.</returns>
    /// <exception cref="Runtime.KdException">The loss cannot be built for these maps.</exception>
    Module<Tensor, Tensor, Tensor> Build(
        Aligners.FeatureShape student, Aligners.FeatureShape teacher, ChannelStatistics? norm);
}

/// <summary>How a batch normalization's outputs are distributed, channel by channel.</summary>
/// <param name="Mean">Its bias.</param>
/// <param name="StandardDeviation">The size of its weight; at least 0.</param>
public sealed record ChannelStatistics(IReadOnlyList<float> Mean, IReadOnlyList<float> StandardDeviation);
