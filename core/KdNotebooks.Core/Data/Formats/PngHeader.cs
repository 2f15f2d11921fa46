using System.Buffers.Binary;
using System.IO.Hashing;

namespace KdNotebooks.Data.Formats;

/// <summary>What a pixel of a PNG is; ISO/IEC 15948, table 11.1.</summary>
internal enum PngColor
{
    Gray = 0,
    Rgb = 2,
    Palette = 3,
    GrayAlpha = 4,
    Rgba = 6,
}

/// <summary>The first part of a PNG file: size and kind of its pixels.</summary>
/// <param name="Bits">Of one sample: 1, 2, 4, 8 or 16.</param>
/// <param name="Interlaced">Whether its rows come in the seven passes of Adam7.</param>
internal sealed record PngHeader(int Height, int Width, int Bits, PngColor Color, bool Interlaced)
{
    /// <summary>How many bytes of a file hold it.</summary>
    public const int End = 33;

    private const int Begin = 8, Length = 13;

    /// <summary>Samples of a pixel as stored, alpha and all.</summary>
    public int Channels { get; } = Color switch
    {
        PngColor.Rgb => 3,
        PngColor.GrayAlpha => 2,
        PngColor.Rgba => 4,
        _ => 1,
    };

    /// <summary>From one pixel to the next, in bytes; 1 where a byte holds several.</summary>
    public int PixelBytes => Math.Max(1, Channels * Bits / 8);

    /// <summary>In which the rows come, at least one pixel in each.</summary>
    public IReadOnlyList<PngPass> Passes => PngPass.Of(this);

    /// <summary>All rows with the byte before each that names its filter.</summary>
    public long PackedBytes => Passes.Sum(pass => pass.Height * (1 + RowBytes(pass)));

    /// <summary>Of one row of a pass, without its filter.</summary>
    public long RowBytes(PngPass pass) => (((long)pass.Width * Channels * Bits) + 7) / 8;

    /// <exception cref="DataFileException">No PNG, or of a kind that the standard does not have.</exception>
    public static PngHeader Of(ReadOnlySpan<byte> bytes, string path)
    {
        RequirePng(bytes, path);
        var width = BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]);
        var height = BinaryPrimitives.ReadUInt32BigEndian(bytes[20..]);
        var (bits, color) = (bytes[24], (PngColor)bytes[25]);
        var sound = color switch
        {
            PngColor.Gray => bits is 1 or 2 or 4 or 8 or 16,
            PngColor.Palette => bits is 1 or 2 or 4 or 8,
            PngColor.Rgb or PngColor.GrayAlpha or PngColor.Rgba => bits is 8 or 16,
            _ => false,
        };
        if (!sound || bytes[26] != 0 || bytes[27] != 0 || bytes[28] > 1)
        {
            throw PngReader.Broken(
                path,
                $"says it is of color type {bytes[25]} with {bits} bits a sample, compression {bytes[26]}, filter "
                + $"method {bytes[27]} and interlace method {bytes[28]}, which PNG does not have");
        }

        var header = new PngHeader((int)height, (int)width, bits, color, bytes[28] == 1);
        return width is >= 1 and <= 1 << 16 && height is >= 1 and <= 1 << 16 && (long)width * height <= 1 << 28
            && header.PackedBytes <= Array.MaxLength
            ? header
            : throw PngReader.Broken(path, $"says it is {width}x{height} pixels large");
    }

    private static void RequirePng(ReadOnlySpan<byte> bytes, string path)
    {
        if (!PngReader.IsPng(bytes))
        {
            throw PngReader.Broken(path, bytes switch
            {
                [] => "is empty",
                [0xFF, 0xD8, ..] => "is no PNG file but a JPEG one",
                _ => "is no PNG file",
            });
        }

        if (bytes.Length < End)
        {
            throw PngReader.Broken(path, $"ends after {bytes.Length} bytes, in the middle of a PNG");
        }

        var part = bytes.Slice(Begin + 4, 4 + Length);
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes[Begin..]) != Length || !part.StartsWith("IHDR"u8)
            || BinaryPrimitives.ReadUInt32BigEndian(bytes[(End - 4)..]) != Crc32.HashToUInt32(part))
        {
            throw PngReader.Broken(path, "is damaged: it does not begin with a sound part IHDR");
        }
    }
}
