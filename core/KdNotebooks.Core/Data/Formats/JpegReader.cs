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

        return Said(result) is { } fault ? throw Broken(path, fault)
            : new ColorImage(size, Planes(pixels, (int)size.Pixels));
    }

    /// <summary>
    /// A rectangle alone: rows above it are passed over and rows below it not unpacked, which leaves its pixels as they are in
    /// the whole, bit for bit.
    /// </summary>
    /// <param name="parts">Of the bytes.</param>
    /// <param name="rect">In pixels as stored.</param>
    /// <param name="reduction">
    /// 1, 2, 4 or 8: libjpeg unpacks each block of 8x8 pixels to as many fewer, which is near to averaging them.
    /// </param>
    /// <returns>At least the rectangle, in pixels of the reduced size.</returns>
    /// <exception cref="DataFileException">Its pixels cannot be unpacked.</exception>
    public static PixelPart Part(byte[] bytes, string path, JpegParts parts, PixelRect rect, int reduction)
    {
        unsafe
        {
            fixed (byte* at = bytes)
            {
                using var data = SKData.Create((nint)at, bytes.Length);
                using var codec = SKCodec.Create(data);
                if (codec is null || (codec.Info.Height, codec.Info.Width) != (parts.Size.Height, parts.Size.Width))
                {
                    throw Broken(path, "is damaged: its parts do not make an image");
                }

                var scaled = codec.GetScaledDimensions(1f / reduction);
                var whole = new ImageSize(scaled.Height, scaled.Width);
                var (top, bottom) = Rows(parts, rect, reduction, whole);
                var part = new PixelPart(new PixelRect(0, top, whole.Width, bottom - top), whole, reduction);
                var info = new SKImageInfo(whole.Width, whole.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul, null);
                fixed (byte* pixels = part.Pixels)
                {
                    var fault = Fill(codec, info, part.At, (nint)pixels);
                    if (fault is null)
                    {
                        return part;
                    }

                    part.Dispose();
                    throw Broken(path, fault);
                }
            }
        }
    }

    // CMYK is turned into colors by whole images alone.
    private static (int Top, int Bottom) Rows(JpegParts parts, PixelRect rect, int reduction, ImageSize whole)
    {
        if (parts.Channels == 4)
        {
            return (0, whole.Height);
        }

        var bottom = Math.Min(((rect.Bottom + reduction - 1) / reduction) + 1, whole.Height);
        return (Math.Min(Math.Max((rect.Top / reduction) - 1, 0), bottom - 1), bottom);
    }

    private static string? Fill(SKCodec codec, SKImageInfo info, PixelRect part, nint pixels)
    {
        if (part.Height == info.Height)
        {
            return Said(codec.GetPixels(info, pixels));
        }

        var began = codec.StartScanlineDecode(info);
        return began != SKCodecResult.Success ? Said(began)
            : (part.Top > 0 && !codec.SkipScanlines(part.Top))
                || codec.GetScanlines(pixels, part.Height, 4 * part.Width) < part.Height
                ? Said(SKCodecResult.IncompleteInput)
                : null;
    }

    internal static string? Said(SKCodecResult result) => result switch
    {
        SKCodecResult.Success => null,
        SKCodecResult.IncompleteInput => "ends before its last pixel",
        _ => $"is damaged: its pixels cannot be unpacked ({result})",
    };

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

    internal static byte[] Planes(byte[] pixels, int size)
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
