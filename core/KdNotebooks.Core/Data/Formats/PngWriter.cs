using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace KdNotebooks.Data.Formats;

/// <summary>Writes PNG of 8 bits a channel: the same bytes for the same pixels and version of .NET.</summary>
/// <remarks>Into its place: whoever writes a folder of them renames the folder when it is whole.</remarks>
internal static class PngWriter
{
    /// <summary>One byte a pixel, [H, W].</summary>
    public static void WriteGray(string path, ReadOnlySpan<byte> pixels, int height, int width) =>
        Write(path, pixels.ToArray(), height, width, 1);

    /// <summary>[3, H, W].</summary>
    public static void WriteColor(string path, ReadOnlySpan<byte> planes, int height, int width)
    {
        var size = height * width;
        var pixels = new byte[3 * size];
        for (var i = 0; i < size; i++)
        {
            (pixels[3 * i], pixels[(3 * i) + 1], pixels[(3 * i) + 2]) =
                (planes[i], planes[size + i], planes[(2 * size) + i]);
        }

        Write(path, pixels, height, width, 3);
    }

    private static void Write(string path, byte[] pixels, int height, int width, int channels)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, (byte)(channels == 1 ? 0 : 2));
        var data = Deflate(pixels, height, width * channels, channels);
        using var stream = File.Create(path);
        stream.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        Chunk(stream, "IHDR"u8, header);
        Chunk(stream, "IDAT"u8, data);
        Chunk(stream, "IEND"u8, []);
    }

    // A label map is runs of equal bytes, which pack best as they are; a photograph by Paeth's filter.
    private static byte[] Deflate(byte[] pixels, int height, int stride, int channels)
    {
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest))
        {
            var (row, above) = (new byte[stride + 1], new byte[stride]);
            row[0] = (byte)(channels == 1 ? 0 : 4);
            for (var y = 0; y < height; y++)
            {
                var line = pixels.AsSpan(y * stride, stride);
                if (channels == 1)
                {
                    line.CopyTo(row.AsSpan(1));
                }
                else
                {
                    PngFilter.Paeth(line, above, channels, row.AsSpan(1));
                }

                zlib.Write(row);
                line.CopyTo(above);
            }
        }

        return packed.ToArray();
    }

    private static void Chunk(Stream stream, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        var checksum = new Crc32();
        checksum.Append(type);
        checksum.Append(data);
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        stream.Write(number);
        stream.Write(type);
        stream.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, checksum.GetCurrentHashAsUInt32());
        stream.Write(number);
    }
}
