using System.Buffers;

namespace KdNotebooks.Data.Formats;

/// <summary>A rectangle of pixels of a picture.</summary>
internal readonly record struct PixelRect(int Left, int Top, int Width, int Height)
{
    public int Right => Left + Width;

    public int Bottom => Top + Height;

    public static PixelRect Of(ImageSize size) => new(0, 0, size.Width, size.Height);
}

/// <summary>
/// The unpacked pixels of a rectangle of a picture, four bytes each: red, green, blue and one that means nothing; of gray
/// pictures the first alone counts. The memory is lent until it is disposed.
/// </summary>
/// <param name="at">Of the pixels within the whole.</param>
/// <param name="whole">Of the picture, at the scale that it was unpacked to.</param>
/// <param name="reduction">How many pixels as stored became one, along each side. The default value is 1.</param>
internal sealed class PixelPart(PixelRect at, ImageSize whole, int reduction = 1) : IDisposable
{
    private byte[]? rented = ArrayPool<byte>.Shared.Rent(checked(4 * at.Width * at.Height));

    /// <summary>Of the pixels within the whole.</summary>
    public PixelRect At => at;

    /// <summary>Of the picture, at the scale that it was unpacked to.</summary>
    public ImageSize Whole => whole;

    /// <summary>How many pixels as stored became one, along each side.</summary>
    public int Reduction => reduction;

    /// <summary>[h, w, 4] of the rectangle.</summary>
    public Span<byte> Pixels => rented.AsSpan(0, 4 * at.Width * at.Height);

    /// <summary>Of an image that is unpacked already.</summary>
    /// <param name="planes">[C, H, W], with one channel or three.</param>
    public static PixelPart OfPlanes(ReadOnlySpan<byte> planes, int channels, ImageSize size)
    {
        var part = new PixelPart(PixelRect.Of(size), size);
        var pixels = part.Pixels;
        var plane = (int)size.Pixels;
        for (var channel = 0; channel < channels; channel++)
        {
            var values = planes.Slice(channel * plane, plane);
            for (var i = 0; i < values.Length; i++)
            {
                pixels[(4 * i) + channel] = values[i];
            }
        }

        return part;
    }

    public void Dispose()
    {
        if (rented is { } memory)
        {
            rented = null;
            ArrayPool<byte>.Shared.Return(memory);
        }
    }
}
