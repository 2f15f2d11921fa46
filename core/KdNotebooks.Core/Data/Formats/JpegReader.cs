using SkiaSharp;

namespace KdNotebooks.Data.Formats;

/// <summary>Reads JPEG (ISO/IEC 10918-1) through SkiaSharp: sequential and progressive, 8 bits, Huffman coded.</summary>
/// <remarks>
/// The pixels are those that Pillow's <c>convert("RGB")</c> and torchvision's <c>ImageReadMode.RGB</c> give, bit for bit:
/// gray gives three equal channels, CMYK (and YCCK) is turned by (255 - C)(255 - K) / 255, and neither a color profile nor
/// EXIF's orientation is applied: pixels stay where they are stored. Skia passes over images that end too early or hold
/// codes that are none, so the file's parts are looked at before (<see cref="JpegParts"/>), and its codes where that is asked
/// for (<see cref="JpegCodes"/>).
/// </remarks>
internal static class JpegReader
{
    private const string Mend = "Fetch or write the file again.";

    /// <exception cref="DataFileException">
    /// It is no JPEG, damaged, ends too early, or is of a kind that is not read.
    /// </exception>
    public static ColorImage Read(byte[] bytes, string path)
    {
        var size = JpegParts.Of(bytes, path).Size;
        using var data = SKData.CreateCopy(bytes);
        using var codec = SKCodec.Create(data);
        if (codec is null || (codec.Info.Height, codec.Info.Width) != (size.Height, size.Width))
        {
            throw Broken(path, "is damaged: its parts do not make an image");
        }

        // Unpacked without a color space: no profile is applied.
        var pixels = new byte[4 * size.Pixels];
        var info = new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul, null);
        SKCodecResult result;
        unsafe
        {
            fixed (byte* at = pixels)
            {
                result = codec.GetPixels(info, (nint)at);
            }
        }

        return result == SKCodecResult.Success
            ? new ColorImage(size, Planes(pixels, (int)size.Pixels))
            : throw Broken(path, result == SKCodecResult.IncompleteInput
                ? "ends before its last pixel"
                : $"is damaged: its pixels cannot be unpacked ({result})");
    }

    /// <summary>
    /// How EXIF says that the stored pixels are to be turned or mirrored for a viewer, 1 to 8; 1 is not at all. It is not
    /// applied: boxes and masks are said of stored pixels.
    /// </summary>
    public static int Orientation(string path)
    {
        using var codec = SKCodec.Create(path);
        return codec is null ? 1 : (int)codec.EncodedOrigin;
    }

    internal static DataFileException Broken(string path, string reason) => new(path, reason, Mend);

    private static byte[] Planes(byte[] pixels, int size)
    {
        var planes = new byte[3 * size];
        for (var i = 0; i < size; i++)
        {
            planes[i] = pixels[4 * i];
            planes[size + i] = pixels[(4 * i) + 1];
            planes[(2 * size) + i] = pixels[(4 * i) + 2];
        }

        return planes;
    }
}
