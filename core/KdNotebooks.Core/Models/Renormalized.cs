using KdNotebooks.Data;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models;

/// <summary>
/// A network that sees images in its own terms: what was normalized by the data's mean and deviation is brought to its own
/// before it looks. Padding stays 0.
/// </summary>
internal sealed class Renormalized : INetwork
{
    private readonly INetwork inner;
    private readonly float[] scale, shift;

    private Renormalized(INetwork inner, float[] scale, float[] shift) =>
        (this.inner, this.scale, this.shift) = (inner, scale, shift);

    public Module Root => inner.Root;

    public IReadOnlyList<string>? Stages => inner.Stages;

    /// <summary>The network itself where it has no normalization of its own, or the data's.</summary>
    /// <param name="own">The network's; null where it is the data's.</param>
    /// <exception cref="KdException">It has other channels than the data.</exception>
    public static INetwork Of(INetwork network, InputNormalization? own, Dataset data)
    {
        if (own is null)
        {
            return network;
        }

        if (own.Mean.Count != data.Mean.Count || own.Std.Count != data.Std.Count)
        {
            throw new KdException(
                $"its normalization ({own}) has {own.Mean.Count} mean(s) and {own.Std.Count} deviation(s), and the images of "
                + $"{data.Name} have {data.Mean.Count} channel(s); give one number a channel.");
        }

        // ((x s_d + m_d) - m_o) / s_o
        float[] scale = [.. own.Std.Select((std, channel) => (float)(data.Std[channel] / std))];
        float[] shift = [.. own.Std.Select((std, channel) => (float)((data.Mean[channel] - own.Mean[channel]) / std))];
        return scale.All(value => value == 1) && shift.All(value => value == 0) ? network
            : new Renormalized(network, scale, shift);
    }

    public IOutputs Forward(Batch batch) => inner.Forward(batch with { Images = Own(batch) });

    public IDerivedMap? Derived(string path) => inner.Derived(path);

    private Tensor Own(Batch batch)
    {
        using var scope = torch.NewDisposeScope();
        // A copy in the batch's own memory order.
        var images = batch.Images.mul(Channels(scale, batch)).add_(Channels(shift, batch));
        for (var i = 0; i < batch.Count; i++)
        {
            var (size, whole) = (batch.Sizes[i], batch.Whole);
            if (size.Height < whole.Height)
            {
                images[i].narrow(1, size.Height, whole.Height - size.Height).zero_();
            }

            if (size.Width < whole.Width)
            {
                images[i].narrow(2, size.Width, whole.Width - size.Width).zero_();
            }
        }

        return images.MoveToOuterDisposeScope();
    }

    private static Tensor Channels(float[] values, Batch batch) =>
        torch.tensor(values, [1, values.Length, 1, 1], device: batch.Images.device);
}
