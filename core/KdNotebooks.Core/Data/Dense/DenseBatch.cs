using KdNotebooks.Native;
using KdNotebooks.Ops;
using KdNotebooks.Runtime;

namespace KdNotebooks.Data.Dense;

/// <summary>Some samples of one epoch, augmented.</summary>
/// <param name="Samples">At least one.</param>
/// <param name="Indices">[N], indices into the <see cref="DenseSet"/>.</param>
/// <param name="View">Which view of each sample this is, as in <see cref="DenseAugmentation.View"/>.</param>
public sealed record DenseBatch(IReadOnlyList<DenseSample> Samples, int[] Indices, int View) : IBatch
{
    /// <summary>N.</summary>
    public int Count => Samples.Count;

    /// <inheritdoc/>
    /// <returns>
    /// Images [N, 3, H, W] float32 with channels-last strides; labels [N, H, W] int64, 255 where ignored.
    /// </returns>
    /// <exception cref="KdException">Samples of different size, or numbers that are no three.</exception>
    public (Tensor Images, Tensor Labels) ToTensors(
        IReadOnlyList<float> mean, IReadOnlyList<float> std, torch.Device device)
    {
        var (height, width) = (Samples[0].Height, Samples[0].Width);
        if (Samples.FirstOrDefault(sample => (sample.Height, sample.Width) != (height, width)) is { } other)
        {
            throw new KdException(
                $"{other.Name}: {other.Width}x{other.Height} pixels in a batch with {Samples[0].Name} of "
                + $"{width}x{height}; expected one size: crop the samples, or take batches of one.");
        }

        if (mean.Count != 3 || std.Count != 3)
        {
            throw new KdException(
                $"DenseBatch: {mean.Count} means and {std.Count} standard deviations came; expected three of each.");
        }

        NativeLibraries.EnsureLoaded();
        using var scope = torch.NewDisposeScope();
        var pixels = Joined(sample => sample.Image);
        var maps = Joined(sample => sample.Labels);
        var bytes = torch.tensor(pixels, [Count, 3, height, width], dtype: torch.uint8).to(device);
        var images = ChannelsLast.Of(bytes).to(torch.float32)
            .div_(255)
            .sub_(torch.tensor(mean.ToArray(), device: device).view(1, 3, 1, 1))
            .div_(torch.tensor(std.ToArray(), device: device).view(1, 3, 1, 1));
        var labels = torch.tensor(maps, [Count, height, width], dtype: torch.uint8).to(device).to(torch.int64);
        return (images.MoveToOuterDisposeScope(), labels.MoveToOuterDisposeScope());
    }

    private byte[] Joined(Func<DenseSample, byte[]> part)
    {
        var size = part(Samples[0]).Length;
        var bytes = GC.AllocateUninitializedArray<byte>(Count * size);
        for (var i = 0; i < Count; i++)
        {
            part(Samples[i]).CopyTo(bytes, i * size);
        }

        return bytes;
    }
}
