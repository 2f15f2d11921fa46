using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>Height and width in pixels.</summary>
public readonly record struct ImageSize(int Height, int Width)
{
    /// <summary>Height times width.</summary>
    public long Pixels => (long)Height * Width;

    /// <summary>The next multiples of a stride in pixels.</summary>
    public ImageSize PaddedTo(int stride) =>
        new((Height + stride - 1) / stride * stride, (Width + stride - 1) / stride * stride);

    /// <summary>
    /// How many rows and columns of a map are this image's, whose batch's images are padded at the right and the bottom:
    /// those of which any pixel is.
    /// </summary>
    internal (int High, int Wide) Within(ImageSize batch, long rows, long columns) => (
        (int)Math.Clamp(((Height * rows) + batch.Height - 1) / batch.Height, 1, rows),
        (int)Math.Clamp(((Width * columns) + batch.Width - 1) / batch.Width, 1, columns));

    /// <summary>"32x48": width by height, as people say it.</summary>
    public override string ToString() => $"{Width}x{Height}";
}

/// <summary>One image with what is to be learned of it.</summary>
public sealed record Sample
{
    /// <param name="name">What an error calls it: a file's path, or "fashion-scenes train 12".</param>
    /// <param name="channels">1 for gray, 3 for red, green, blue.</param>
    /// <param name="size">In pixels.</param>
    /// <param name="pixels">[C, H, W], 0 to 255; not copied.</param>
    /// <param name="target">A class, a label map, boxes.</param>
    /// <exception cref="KdException">Pixels that do not fill the size.</exception>
    public Sample(string name, int channels, ImageSize size, ReadOnlyMemory<byte> pixels, ITarget target)
    {
        (Name, Channels, Size, Pixels, Target) = (name, channels, size, pixels, target);
        if (size.Pixels < 1 || channels < 1 || pixels.Length != channels * size.Pixels)
        {
            throw new KdException(
                $"{name}: an image of {pixels.Length} bytes; expected {channels} x {size.Height} x {size.Width}, one byte "
                + "a channel and pixel.");
        }
    }

    public string Name { get; }

    public int Channels { get; }

    public ImageSize Size { get; }

    /// <summary>In pixels.</summary>
    public int Height => Size.Height;

    /// <summary>In pixels.</summary>
    public int Width => Size.Width;

    /// <summary>[C, H, W], 0 to 255.</summary>
    public ReadOnlyMemory<byte> Pixels { get; }

    public ITarget Target { get; }
}
