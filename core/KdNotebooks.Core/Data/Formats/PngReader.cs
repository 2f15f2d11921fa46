using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace KdNotebooks.Data.Formats;

/// <summary>
/// Reads PNG (ISO/IEC 15948): gray, palette and color of up to 8 bits a channel, with or without alpha, not
/// interlaced, which is what segmentation datasets are published in.
/// </summary>
/// <remarks>
/// Written here because a label map is the palette's indices, and the decoders to be had (SkiaSharp among them) give
/// only the colors that these stand for. The core needs no native image library for it.
/// </remarks>
internal static class PngReader
{
    private const string Mend = "Fetch or write the file again.";

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="DataFileException">It is missing, no PNG, damaged, or of a kind that is not read.</exception>
    public static PngImage Read(string path)
    {
        var bytes = Bytes(path, int.MaxValue);
        var header = PngHeader.Of(bytes, path);
        var parts = new MemoryStream();
        foreach (var (type, start, length) in Chunks(bytes, path))
        {
            if (type == "IDAT")
            {
                parts.Write(bytes, start, length);
            }
        }

        parts.Position = 0;
        return Unpack(Inflate(parts, header, path), header, path);
    }

    /// <summary>Height and width alone, from the first bytes.</summary>
    /// <exception cref="DataFileException">As <see cref="Read"/>, as far as the first bytes tell.</exception>
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
            using var stream = File.OpenRead(path);
            var bytes = new byte[Math.Min(stream.Length, limit)];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw Broken(path, $"cannot be read ({problem.Message})", problem);
        }
    }

    // Type, where the data begin, how long they are.
    private static IEnumerable<(string Type, int Start, int Length)> Chunks(byte[] bytes, string path)
    {
        for (var at = Signature.Length; ;)
        {
            var length = at + 12 <= bytes.Length
                ? BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at))
                : uint.MaxValue;
            if (length > bytes.Length - at - 12L)
            {
                throw Broken(path, $"ends after {bytes.Length} bytes, in the middle of a PNG");
            }

            var (size, type) = ((int)length, System.Text.Encoding.Latin1.GetString(bytes, at + 4, 4));
            var stored = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at + 8 + size));
            if (Crc32.HashToUInt32(bytes.AsSpan(at + 4, size + 4)) != stored)
            {
                throw Broken(path, $"is damaged: the checksum of its part {type} is another");
            }

            yield return (type, at + 8, size);
            if (type == "IEND")
            {
                yield break;
            }

            at += 12 + size;
        }
    }

    private static byte[] Inflate(Stream packed, PngHeader header, string path)
    {
        var rows = new byte[header.Height * (header.RowBytes + 1L)];
        try
        {
            using var zlib = new ZLibStream(packed, CompressionMode.Decompress);
            zlib.ReadExactly(rows);
            return rows;
        }
        catch (Exception problem) when (problem is InvalidDataException or EndOfStreamException)
        {
            throw Broken(path, $"is damaged: its pixels cannot be unpacked ({problem.Message})", problem);
        }
    }

    private static PngImage Unpack(byte[] rows, PngHeader header, string path)
    {
        var (stride, channels) = (header.RowBytes, Math.Min(header.Channels == 2 ? 1 : header.Channels, 3));
        var pixels = new byte[header.Height * header.Width * channels];
        ReadOnlySpan<byte> above = new byte[stride];
        for (var y = 0; y < header.Height; y++)
        {
            var line = rows.AsSpan((y * (stride + 1)) + 1, stride);
            PngFilter.Undo(rows[y * (stride + 1)], line, above, header.PixelBytes, path);
            header.Copy(line, pixels.AsSpan(y * header.Width * channels, header.Width * channels), channels);
            above = line;
        }

        return new PngImage(header.Height, header.Width, channels, pixels);
    }
}
