using System.Buffers.Binary;
using System.IO.Compression;

namespace KdNotebooks.Tests.Data.Formats;

/// <summary>
/// PNG files of any kind, put together from the standard once more: chunks, checksums and the five filters.
/// </summary>
internal static class PngSamples
{
    /// <param name="rows">What stands in the file for each row, before filtering.</param>
    /// <param name="filters">Of row 0, row 1, and so on; the last goes on.</param>
    /// <param name="step">Bytes from one pixel to the next.</param>
    public static byte[] Build(
        int width, byte[][] rows, int bits, int color, int[]? filters = null, int step = 1, int interlace = 0)
    {
        var raw = new List<byte>();
        for (var y = 0; y < rows.Length; y++)
        {
            var filter = (filters ?? [0])[Math.Min(y, (filters?.Length ?? 1) - 1)];
            raw.Add((byte)filter);
            for (var i = 0; i < rows[y].Length; i++)
            {
                var left = i < step ? 0 : rows[y][i - step];
                var above = y == 0 ? 0 : rows[y - 1][i];
                var corner = i < step || y == 0 ? 0 : rows[y - 1][i - step];
                raw.Add((byte)(rows[y][i] - filter switch
                {
                    0 => 0,
                    1 => left,
                    2 => above,
                    3 => (left + above) / 2,
                    _ => Paeth(left, above, corner),
                }));
            }
        }

        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), rows.Length);
        (header[8], header[9], header[12]) = ((byte)bits, (byte)color, (byte)interlace);
        // In two parts, beside a part that a reader may pass over and one that asks for color management.
        var data = Zlib([.. raw]);
        var half = data.Length / 2;
        return
        [
            0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A,
            .. Chunk("IHDR", header), .. Chunk("gAMA", [0, 0, 0x40, 0]), .. Chunk("tEXt", [65, 0, 66]),
            .. color == 3 ? Chunk("PLTE", [.. Enumerable.Range(0, 3 << bits).Select(i => (byte)(i * 37))]) : [],
            .. Chunk("IDAT", data[..half]), .. Chunk("IDAT", data[half..]), .. Chunk("IEND", []),
        ];
    }

    /// <summary>One byte a pixel.</summary>
    public static byte[] Gray(byte[] pixels, int width) => Build(width, [.. pixels.Chunk(width)], 8, 0);

    /// <summary>A gray picture as wide and high, every pixel alike.</summary>
    public static byte[] Even(byte value, int height, int width) =>
        Gray([.. Enumerable.Repeat(value, height * width)], width);

    /// <summary>A file of these parts, each with its checksum.</summary>
    public static byte[] Of(params (string Type, byte[] Data)[] parts) =>
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, .. parts.SelectMany(part => Chunk(part.Type, part.Data))];

    /// <summary>What stands in IHDR.</summary>
    public static byte[] Header(int width, int height, int bits, int color) =>
        [0, 0, 0, (byte)width, 0, 0, 0, (byte)height, (byte)bits, (byte)color, 0, 0, 0];

    /// <summary>A zlib stream.</summary>
    public static byte[] Zlib(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(bytes);
        }

        return packed.ToArray();
    }

    private static byte[] Chunk(string type, byte[] data)
    {
        byte[] body = [.. System.Text.Encoding.Latin1.GetBytes(type), .. data];
        var (length, checksum) = (new byte[4], new byte[4]);
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(checksum, Crc(body));
        return [.. length, .. body, .. checksum];
    }

    // Bit by bit.
    private static uint Crc(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }

    private static int Paeth(int a, int b, int c)
    {
        var p = a + b - c;
        var nearest = new[] { a, b, c }.Min(v => Math.Abs(p - v));
        return new[] { a, b, c }.First(v => Math.Abs(p - v) == nearest);
    }
}
