using System.IO.Hashing;
using System.Runtime.InteropServices;
using KdNotebooks.Native;
using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>
/// Some images of one pass as bytes, as a loader makes them ahead on a thread of its own. It owns its array: no later
/// batch overwrites it.
/// </summary>
public sealed class PixelBatch
{
    private readonly byte[] pixels;

    // pixels: [N, C, H, W], already at one size.
    private PixelBatch(byte[] pixels, IReadOnlyList<Sample> samples, ImageSize size, SampleKeys keys)
    {
        (this.pixels, Size, Keys) = (pixels, size, keys);
        Channels = samples[0].Channels;
        Sizes = [.. samples.Select(sample => sample.Size)];
        Targets = [.. samples.Select(sample => sample.Target)];
    }

    /// <summary>N.</summary>
    public int Count => Sizes.Count;

    public int Channels { get; }

    /// <summary>Of the whole batch: the greatest height and the greatest width.</summary>
    public ImageSize Size { get; }

    /// <summary>[N], each image's own.</summary>
    public IReadOnlyList<ImageSize> Sizes { get; }

    /// <summary>One an image.</summary>
    public IReadOnlyList<ITarget> Targets { get; }

    public SampleKeys Keys { get; }

    /// <summary>[N, C, H, W], augmented, 0 to 255; padding is 0.</summary>
    public ReadOnlyMemory<byte> Pixels => pixels;

    /// <param name="samples">At least one; all with the same channels.</param>
    /// <param name="room">Where their pixels lie already, one image behind the other; else null.</param>
    internal static PixelBatch Of(IReadOnlyList<Sample> samples, SampleKeys keys, byte[]? room = null)
    {
        var size = new ImageSize(samples.Max(sample => sample.Height), samples.Max(sample => sample.Width));
        return new PixelBatch(room ?? Joined(samples, size), samples, size, keys);
    }

    /// <summary>The same batch normalized, (pixels / 255 - mean) / std; the caller's dispose scope owns it.</summary>
    /// <param name="mean">One value a channel.</param>
    /// <param name="std">One value a channel.</param>
    /// <param name="device">Bytes cross to it, a quarter of what floats would be.</param>
    /// <param name="stride">Of what the batch's height and width are multiples. The default value is 1.</param>
    /// <exception cref="KdException">Mean or std has not one value a channel.</exception>
    public Batch On(IReadOnlyList<float> mean, IReadOnlyList<float> std, torch.Device device, int stride = 1)
    {
        if (mean.Count != Channels || std.Count != Channels)
        {
            throw new KdException(
                $"Batch: {mean.Count} means and {std.Count} standard deviations came for {Channels} channel(s).");
        }

        NativeLibraries.EnsureLoaded();
        var size = Size.PaddedTo(stride);
        var images = Images(mean, std, size, device);
        return new Batch(images, Sizes, Targets[0].Collate(Targets, size, device), Keys) { Prints = Prints };
    }

    /// <summary>
    /// [N] XXH128 of each image's size and pixels, padding not among them: whether two images are one. Computed when it
    /// is asked for, at some gigabytes a second.
    /// </summary>
    internal UInt128[] Prints() => [.. Enumerable.Range(0, Count).Select(Print)];

    private UInt128 Print(int i)
    {
        var (hash, own) = (new XxHash128(), Sizes[i]);
        hash.Append(MemoryMarshal.AsBytes<int>([Channels, own.Height, own.Width]));
        var image = pixels.AsSpan((int)(i * Channels * Size.Pixels), (int)(Channels * Size.Pixels));
        if (own == Size)
        {
            hash.Append(image);
            return hash.GetCurrentHashAsUInt128();
        }

        for (var row = 0; row < Channels * own.Height; row++)
        {
            var (channel, y) = Math.DivRem(row, own.Height);
            hash.Append(image.Slice((channel * (int)Size.Pixels) + (y * Size.Width), own.Width));
        }

        return hash.GetCurrentHashAsUInt128();
    }

    private Tensor Images(IReadOnlyList<float> mean, IReadOnlyList<float> std, ImageSize size, torch.Device device)
    {
        using var scope = torch.NewDisposeScope();
        var bytes = torch.tensor(pixels, [Count, Channels, Size.Height, Size.Width], dtype: torch.uint8).to(device);
        // A fresh [N, H, W, C], for with C = 1 a permuted tensor counts as contiguous and keeps its old strides.
        var rows = torch.empty([Count, size.Height, size.Width, Channels], dtype: torch.float32, device: device);
        rows.narrow(1, 0, Size.Height).narrow(2, 0, Size.Width).copy_(bytes.permute(0, 2, 3, 1)).div_(255)
            .sub_(torch.tensor(mean.ToArray(), device: device))
            .div_(torch.tensor(std.ToArray(), device: device));
        for (var i = 0; i < Count; i++)
        {
            var (height, width) = (Sizes[i].Height, Sizes[i].Width);
            if (height < size.Height)
            {
                rows[i].narrow(0, height, size.Height - height).zero_();
            }

            if (width < size.Width)
            {
                rows[i].narrow(1, width, size.Width - width).zero_();
            }
        }

        return rows.permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    private static byte[] Joined(IReadOnlyList<Sample> samples, ImageSize size)
    {
        var (channels, plane) = (samples[0].Channels, (int)size.Pixels);
        var joined = new byte[samples.Count * channels * plane];
        for (var i = 0; i < samples.Count; i++)
        {
            var sample = samples[i];
            if (sample.Channels != channels)
            {
                throw new KdException(
                    $"{sample.Name}: an image of {sample.Channels} channels in a batch with {samples[0].Name} of {channels}; "
                    + "expected the same.");
            }

            var target = joined.AsSpan(i * channels * plane, channels * plane);
            if (sample.Size == size)
            {
                sample.Pixels.Span.CopyTo(target);
                continue;
            }

            for (var row = 0; row < channels * sample.Height; row++)
            {
                var (channel, y) = Math.DivRem(row, sample.Height);
                sample.Pixels.Span.Slice(row * sample.Width, sample.Width)
                    .CopyTo(target[((channel * plane) + (y * size.Width))..]);
            }
        }

        return joined;
    }
}
