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
    private PixelBatch(
        byte[] pixels, int channels, ImageSize size, IReadOnlyList<ImageSize> sizes, IReadOnlyList<ITarget> targets, SampleKeys keys) =>
        (this.pixels, Channels, Size, Sizes, Targets, Keys) = (pixels, channels, size, sizes, targets, keys);

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
        return new PixelBatch(
            room ?? Joined(samples, size), samples[0].Channels, size, [.. samples.Select(sample => sample.Size)],
            [.. samples.Select(sample => sample.Target)], keys);
    }

    /// <summary>The same images with other pixels and targets.</summary>
    /// <param name="changed">[N, C, H, W]; owned from here on.</param>
    internal PixelBatch With(byte[] changed, IReadOnlyList<ITarget> targets) =>
        new(changed, Channels, Size, Sizes, targets, Keys);

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

    // [N, C, H, W] with channels-last strides. On the CPU each byte is looked up; another device is sent bytes.
    private Tensor Images(IReadOnlyList<float> mean, IReadOnlyList<float> std, ImageSize size, torch.Device device)
    {
        using var scope = torch.NewDisposeScope();
        // A fresh [N, H, W, C], for with C = 1 a permuted tensor counts as contiguous and keeps its old strides.
        var rows = torch.empty([Count, size.Height, size.Width, Channels], dtype: torch.float32, device: device);
        if (device.type == DeviceType.CPU && rows.numel() <= int.MaxValue / sizeof(float))
        {
            LookUp(mean, std, size, MemoryMarshal.Cast<byte, float>(rows.bytes));
            return rows.permute(0, 3, 1, 2).MoveToOuterDisposeScope();
        }

        var bytes = torch.tensor(pixels, [Count, Channels, Size.Height, Size.Width], dtype: torch.uint8).to(device);
        Normalize(rows.narrow(1, 0, Size.Height).narrow(2, 0, Size.Width).copy_(bytes.permute(0, 2, 3, 1)), mean, std);
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

    // [..., C], in place.
    private static void Normalize(Tensor values, IReadOnlyList<float> mean, IReadOnlyList<float> std) => values.div_(255)
        .sub_(torch.tensor(mean.ToArray(), device: values.device)).div_(torch.tensor(std.ToArray(), device: values.device));

    // What each byte becomes in each channel is computed as the whole would be, so that not a bit differs.
    private void LookUp(IReadOnlyList<float> mean, IReadOnlyList<float> std, ImageSize size, Span<float> result)
    {
        var table = torch.arange(256, dtype: torch.float32).unsqueeze(1).repeat(1, Channels); // [256, C]
        Normalize(table, mean, std);
        var values = table.T.contiguous().data<float>().ToArray(); // [C, 256]
        var (plane, row) = ((int)Size.Pixels, size.Width * Channels);
        for (var i = 0; i < Count; i++)
        {
            var own = Sizes[i];
            var image = result.Slice((int)(i * size.Pixels * Channels), (int)(size.Pixels * Channels));
            if (own != size)
            {
                image.Clear();
            }

            for (var channel = 0; channel < Channels; channel++)
            {
                var looked = values.AsSpan(channel * 256, 256);
                var start = ((i * Channels) + channel) * plane;
                for (var y = 0; y < own.Height; y++)
                {
                    var line = image.Slice((y * row) + channel, ((own.Width - 1) * Channels) + 1);
                    var from = pixels.AsSpan(start + (y * Size.Width), own.Width);
                    for (var (x, at) = (0, 0); x < from.Length; x++, at += Channels)
                    {
                        line[at] = looked[from[x]];
                    }
                }
            }
        }
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
