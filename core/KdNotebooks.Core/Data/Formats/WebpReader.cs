using System.Buffers.Binary;
using SkiaSharp;

namespace KdNotebooks.Data.Formats;

/// <summary>Reads WebP through SkiaSharp: lossy and lossless, with and without alpha; of an animation the first picture.</summary>
/// <remarks>
/// The pixels are those that Pillow's <c>convert("RGB")</c> gives: alpha is left out, the color below it stays; neither a color profile
/// nor EXIF's orientation is applied. Skia goes on where a file ends too early, so its parts are looked at before.
/// </remarks>
internal static class WebpReader
{
    /// <summary>How many bytes of a file hold its size.</summary>
    public const int Begin = 30;

    private const long MostPixels = 1 << 28;

    public static bool IsWebp(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= 12 && bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8);

    /// <summary>Height and width alone, from the first bytes.</summary>
    /// <exception cref="DataFileException">It has none, or is larger than is read.</exception>
    public static ImageSize SizeOf(ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes.Length < Begin)
        {
            throw JpegReader.Broken(path, $"ends after {bytes.Length} bytes, in the middle of a WebP");
        }

        var part = bytes[20..];
        ImageSize? size = true switch
        {
            _ when bytes[12..].StartsWith("VP8X"u8) => new ImageSize(1 + Three(part[7..]), 1 + Three(part[4..])),
            _ when bytes[12..].StartsWith("VP8L"u8) && part[0] == 0x2F && BinaryPrimitives.ReadUInt32LittleEndian(part[1..]) is var bits =>
                new ImageSize(1 + (int)((bits >> 14) & 0x3FFF), 1 + (int)(bits & 0x3FFF)),
            _ when bytes[12..].StartsWith("VP8 "u8) && part[3..].StartsWith([(byte)0x9D, (byte)0x01, (byte)0x2A]) => new ImageSize(
                BinaryPrimitives.ReadUInt16LittleEndian(part[8..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(part[6..]) & 0x3FFF),
            _ => null,
        };
        return size is not { Pixels: > 0 } known ? throw JpegReader.Broken(path, "is damaged: it begins with no picture")
            : known.Pixels <= MostPixels ? known
            : throw JpegReader.Broken(path, $"says it is {known} pixels large; expected at most {MostPixels} pixels");
    }

    /// <exception cref="DataFileException">It is damaged, or ends too early.</exception>
    public static ColorImage Read(byte[] bytes, string path)
    {
        var size = SizeOf(bytes, path);
        RequireWhole(bytes, path);
        using var data = SKData.CreateCopy(bytes);
        using var codec = SKCodec.Create(data);
        if (codec is null || (codec.Info.Height, codec.Info.Width) != (size.Height, size.Width))
        {
            throw JpegReader.Broken(path, "is damaged: its parts do not make a picture");
        }

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

        return JpegReader.Said(result) is { } fault ? throw JpegReader.Broken(path, fault)
            : new ColorImage(size, JpegReader.Planes(pixels, (int)size.Pixels));
    }

    // RIFF: parts of a name, a length and as many bytes, and one more where that is odd.
    private static void RequireWhole(ReadOnlySpan<byte> bytes, string path)
    {
        var end = 8L + BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        for (var at = 12L; at < end;)
        {
            var length = at + 8 <= bytes.Length ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[(int)(at + 4)..]) : uint.MaxValue;
            if (at + 8 + length > bytes.Length)
            {
                throw JpegReader.Broken(path, $"ends after {bytes.Length} bytes, in the middle of a WebP");
            }

            at += 8 + length + (length & 1);
        }
    }

    private static int Three(ReadOnlySpan<byte> bytes) => bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);
}
