using KdNotebooks.Runtime;
using SkiaSharp;

namespace KdNotebooks.Data.Formats;

/// <summary>Writes JPEG through SkiaSharp: the same bytes for the same pixels and version of it.</summary>
internal static class JpegWriter
{
    /// <param name="pixels">[H, W].</param>
    /// <param name="quality">libjpeg's, 1 to 100.</param>
    public static unsafe byte[] Gray(ReadOnlySpan<byte> pixels, ImageSize size, int quality)
    {
        var info = new SKImageInfo(size.Width, size.Height, SKColorType.Gray8, SKAlphaType.Opaque);
        fixed (byte* at = pixels)
        {
            using var pixmap = new SKPixmap(info, (nint)at, size.Width);
            using var data = pixmap.Encode(SKEncodedImageFormat.Jpeg, quality)
                ?? throw new KdException($"An image of {size} pixels could not be written as JPEG; expected 1 to 65,535 along each side.");
            return data.ToArray();
        }
    }
}
