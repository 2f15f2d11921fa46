using System.Buffers.Binary;

namespace KdNotebooks.Data.Formats;

/// <summary>The first part of a PNG file: size and kind of its pixels.</summary>
/// <param name="Bits">Of one channel: 1, 2, 4 or 8.</param>
/// <param name="Channels">As stored: 1 gray or palette, 2 gray and alpha, 3 color, 4 color and alpha.</param>
internal sealed record PngHeader(int Height, int Width, int Bits, int Channels)
{
    /// <summary>How many bytes of a file hold it.</summary>
    public const int End = 33;

    /// <summary>Bytes of one row of pixels.</summary>
    public int RowBytes { get; } = (int)((((long)Width * Channels * Bits) + 7) / 8);

    /// <summary>From one pixel to the next, in bytes; 1 where a byte holds several.</summary>
    public int PixelBytes { get; } = Math.Max(1, Channels * Bits / 8);

    /// <exception cref="DataFileException">No PNG, or of a kind that is not read.</exception>
    public static PngHeader Of(ReadOnlySpan<byte> bytes, string path)
    {
        if (!PngReader.IsPng(bytes))
        {
            throw PngReader.Broken(path, "is no PNG file");
        }

        if (bytes.Length < End)
        {
            throw PngReader.Broken(path, $"ends after {bytes.Length} bytes, in the middle of a PNG");
        }

        var width = BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]);
        var height = BinaryPrimitives.ReadUInt32BigEndian(bytes[20..]);
        var (bits, color, interlace) = (bytes[24], bytes[25], bytes[28]);
        var channels = color switch { 0 or 3 => 1, 4 => 2, 2 => 3, 6 => 4, _ => 0 };
        if (width is < 1 or > 1 << 16 || height is < 1 or > 1 << 16 || (long)width * height > 1 << 28)
        {
            throw PngReader.Broken(path, $"says it is {width}x{height} pixels large");
        }

        if (channels == 0 || bits is not (1 or 2 or 4 or 8) || (bits < 8 && channels > 1) || interlace != 0)
        {
            throw new DataFileException(
                path,
                $"is a PNG of color type {color} with {bits} bits a channel{(interlace != 0 ? ", interlaced" : "")}",
                "Expected up to 8 bits a channel, not interlaced: convert it.");
        }

        return new PngHeader((int)height, (int)width, bits, channels);
    }

    /// <summary>One unfiltered row to one byte a channel, without alpha.</summary>
    public void Copy(ReadOnlySpan<byte> row, Span<byte> target, int channels)
    {
        if (Bits == 8 && channels == Channels)
        {
            row.CopyTo(target);
            return;
        }

        for (var x = 0; x < Width; x++)
        {
            for (var c = 0; c < channels; c++)
            {
                target[(x * channels) + c] = Bits == 8
                    ? row[(x * Channels) + c]
                    : (byte)((row[x * Bits / 8] >> (8 - Bits - (x * Bits % 8))) & ((1 << Bits) - 1));
            }
        }
    }
}
