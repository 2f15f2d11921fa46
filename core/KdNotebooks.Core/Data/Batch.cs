using KdNotebooks.Native;
using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>Some images of one epoch. It owns its arrays: no later batch overwrites them.</summary>
/// <param name="Pixels">[N, C, H, W], augmented, 0 to 255.</param>
/// <param name="Labels">[N], class indices.</param>
/// <param name="Indices">[N], indices into the <see cref="ImageSet"/>.</param>
/// <param name="View">Which view of each image this is, as in <see cref="Augmentation.View"/>.</param>
public sealed record Batch(
    byte[] Pixels, long[] Labels, int[] Indices, int View, int Channels, int Height, int Width) : IBatch
{
    /// <summary>N.</summary>
    public int Count => Labels.Length;

    /// <inheritdoc/>
    /// <exception cref="KdException">Mean or std has not one value a channel.</exception>
    public (Tensor Images, Tensor Labels) ToTensors(
        IReadOnlyList<float> mean, IReadOnlyList<float> std, torch.Device device)
    {
        if (mean.Count != Channels || std.Count != Channels)
        {
            throw new KdException(
                $"Batch: {mean.Count} means and {std.Count} standard deviations came for {Channels} channel(s).");
        }

        NativeLibraries.EnsureLoaded();
        using var scope = torch.NewDisposeScope();
        var bytes = torch.tensor(Pixels, [Count, Channels, Height, Width], dtype: torch.uint8).to(device);
        // A fresh [N, H, W, C], for with C = 1 a permuted tensor counts as contiguous and keeps its old strides.
        var images = torch.empty([Count, Height, Width, Channels], dtype: torch.float32, device: device);
        images.copy_(bytes.permute(0, 2, 3, 1));
        images.div_(255)
            .sub_(torch.tensor(mean.ToArray(), device: device))
            .div_(torch.tensor(std.ToArray(), device: device));
        var labels = torch.tensor(Labels, device: device);
        return (images.permute(0, 3, 1, 2).MoveToOuterDisposeScope(), labels.MoveToOuterDisposeScope());
    }
}
