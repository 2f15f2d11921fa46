using System.Buffers.Binary;
using System.IO.Compression;

namespace KdNotebooks.Data.Formats;

/// <summary>Reads PNG (ISO/IEC 15948) of every kind that the standard has, and refuses what it forbids.</summary>
/// <remarks>
/// Written here because a label map is the palette's indices or the bare numbers of its pixels, and the decoders to be
/// had give only the colors that these stand for. Images are read by it too, for SkiaSharp is not as strict
/// (<c>PngAgainstSkiaTests</c> holds the pixels of every kind to Skia's, and lists the damage that Skia lets pass).
/// </remarks>
internal static class PngReader
{
    public const int SignatureLength = 8;

    /// <summary>
    /// What a <see cref="ContentIndex"/> notes of a file that this reader has read to its end; to be counted up when the
    /// reader refuses more than before.
    /// </summary>
    public const string Sound = "decodes 1";

    private const string Mend = "Fetch or write the file again.";

    // Deflate's best.
    private const long MostTimes = 1032;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="DataFileException">
    /// It is missing, no PNG, damaged, or holds what the standard forbids.
    /// </exception>
    public static PngImage Read(string path) => Read(Bytes(path, int.MaxValue), path);

    /// <summary>Reads the bytes of a file.</summary>
    /// <param name="path">For errors.</param>
    /// <inheritdoc cref="Read(string)"/>
    public static PngImage Read(byte[] bytes, string path)
    {
        var parts = PngParts.Of(bytes, path);
        return new PngImage(path, parts.Header, Samples(Inflate(parts, path), parts.Header, path), parts.Palette);
    }

    /// <summary>Height and width alone, from the first bytes.</summary>
    /// <exception cref="DataFileException">As <see cref="Read(string)"/>, as far as the first bytes tell.</exception>
    public static (int Height, int Width) ReadSize(string path)
    {
        var header = PngHeader.Of(Bytes(path, PngHeader.End), path);
        return (header.Height, header.Width);
    }

    /// <summary>An error that names the file.</summary>
    internal static DataFileException Broken(string path, string reason, Exception? inner = null) =>
        new(path, reason, Mend, inner);

    internal static bool IsPng(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Signature);

    private static byte[] Bytes(string path, int limit)
    {
        try
        {
            return ImageFile.Read(path, limit);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw Broken(path, $"cannot be read ({problem.Message})", problem);
        }
    }

    private static byte[] Inflate(PngParts parts, string path)
    {
        var header = parts.Header;
        if (header.PackedBytes > MostTimes * parts.Data.Length)
        {
            throw Broken(
                path,
                $"says it is {header.Width}x{header.Height} pixels large, but {parts.Data.Length} bytes cannot hold "
                + "them");
        }

        var rows = new byte[header.PackedBytes];
        try
        {
            using var zlib = new ZLibStream(new MemoryStream(parts.Data), CompressionMode.Decompress);
            zlib.ReadExactly(rows);
            if (zlib.ReadByte() >= 0)
            {
                throw Broken(path, "is damaged: it has more pixels than its size says");
            }
        }
        catch (Exception problem) when (problem is InvalidDataException or IOException)
        {
            throw Broken(path, $"is damaged: its pixels cannot be unpacked ({problem.Message})", problem);
        }

        // The stream may end quietly where its checksum is cut off.
        return BinaryPrimitives.ReadUInt32BigEndian(parts.Data.AsSpan(parts.Data.Length - 4)) == Adler32(rows)
            ? rows
            : throw Broken(path, "is damaged: the checksum of its pixels (Adler-32) is another, or missing");
    }

    private static byte[] Samples(byte[] rows, PngHeader header, string path)
    {
        var pixel = header.Channels * Math.Max(header.Bits, 8) / 8;
        var samples = new byte[(long)header.Height * header.Width * pixel];
        var at = 0;
        foreach (var pass in header.Passes)
        {
            var stride = (int)header.RowBytes(pass);
            ReadOnlySpan<byte> above = new byte[stride];
            for (var y = 0; y < pass.Height; y++, at += 1 + stride)
            {
                var line = rows.AsSpan(at + 1, stride);
                PngFilter.Undo(rows[at], line, above, header.PixelBytes, path);
                Spread(line, header, pass, samples.AsSpan((pass.Y + (y * pass.StepY)) * header.Width * pixel), pixel);
                above = line;
            }
        }

        return samples;
    }

    /// <param name="row">Of the whole picture.</param>
    /// <param name="pixel">Bytes of a pixel in it.</param>
    private static void Spread(ReadOnlySpan<byte> line, PngHeader header, PngPass pass, Span<byte> row, int pixel)
    {
        if (header.Bits >= 8 && pass.StepX == 1)
        {
            line.CopyTo(row);
            return;
        }

        for (var x = 0; x < pass.Width; x++)
        {
            var target = (pass.X + (x * pass.StepX)) * pixel;
            if (header.Bits >= 8)
            {
                line.Slice(x * pixel, pixel).CopyTo(row[target..]);
            }
            else
            {
                // One sample a pixel, the first in the highest bits.
                var shift = 8 - header.Bits - (x * header.Bits % 8);
                row[target] = (byte)((line[x * header.Bits / 8] >> shift) & ((1 << header.Bits) - 1));
            }
        }
    }

    // RFC 1950; sums of 5552 bytes fit into 32 bits.
    private static uint Adler32(ReadOnlySpan<byte> bytes)
    {
        var (a, b) = (1u, 0u);
        while (bytes.Length > 0)
        {
            var part = bytes[..Math.Min(bytes.Length, 5552)];
            foreach (var value in part)
            {
                a += value;
                b += a;
            }

            (a, b) = (a % 65521, b % 65521);
            bytes = bytes[part.Length..];
        }

        return (b << 16) | a;
    }
}
