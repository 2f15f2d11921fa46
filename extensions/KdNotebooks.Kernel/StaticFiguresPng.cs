using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics;
using SkiaSharp;

namespace KdNotebooks.Kernel;

/// <summary>
/// Makes a chart's PNG small: 256 colors, as a chart has few, take a quarter of the bytes. Neither Chromium nor Skia
/// writes a palette.
/// </summary>
internal static class StaticFiguresPng
{
    private const int MostColors = 256;

    /// <param name="png">Any PNG; what is transparent becomes white.</param>
    /// <returns>The same picture with a palette, or the given one where that is smaller.</returns>
    public static byte[] Shrink(byte[] png)
    {
        using var bitmap = SKBitmap.Decode(png);
        var pixels = bitmap.Pixels.Select(OnWhite).ToArray();
        // Neighbouring colors share a bucket of five bits a channel, and the mean of what fell into it.
        var buckets = pixels.CountBy(pixel => pixel).GroupBy(entry => Bucket(entry.Key))
            .OrderByDescending(group => group.Sum(entry => entry.Value))
            .Select(group => (group.Key, Color: Mean(group))).ToList();
        var palette = buckets.Take(MostColors).Select(bucket => bucket.Color).ToArray();
        var indices = buckets.ToDictionary(bucket => bucket.Key, bucket => (byte)Nearest(palette, bucket.Color));
        var shrunk = Write(bitmap.Width, bitmap.Height, palette, [.. pixels.Select(pixel => indices[Bucket(pixel)])]);
        return shrunk.Length < png.Length ? shrunk : png;
    }

    private static SKColor OnWhite(SKColor pixel) => pixel.Alpha == 255 ? pixel : new SKColor(
        Blend(pixel.Red, pixel.Alpha), Blend(pixel.Green, pixel.Alpha), Blend(pixel.Blue, pixel.Alpha));

    private static byte Blend(byte color, byte alpha) => (byte)(((color * alpha) + (255 * (255 - alpha))) / 255);

    private static int Bucket(SKColor color) =>
        ((color.Red >> 3) << 10) | ((color.Green >> 3) << 5) | (color.Blue >> 3);

    private static SKColor Mean(IEnumerable<KeyValuePair<SKColor, int>> colors)
    {
        var (sum, count) = (Vector3.Zero, 0);
        foreach (var (color, times) in colors)
        {
            sum += times * new Vector3(color.Red, color.Green, color.Blue);
            count += times;
        }

        var mean = sum / count;
        return new SKColor((byte)MathF.Round(mean.X), (byte)MathF.Round(mean.Y), (byte)MathF.Round(mean.Z));
    }

    private static int Nearest(SKColor[] palette, SKColor color) => Enumerable.Range(0, palette.Length).MinBy(i =>
        Square(palette[i].Red - color.Red) + Square(palette[i].Green - color.Green)
        + Square(palette[i].Blue - color.Blue));

    private static int Square(int number) => number * number;

    // PNG (ISO/IEC 15948): header, palette, zlib-compressed rows with their filter (0: none) before each, end.
    private static byte[] Write(int width, int height, SKColor[] palette, byte[] indices)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 3); // bits of an index; colors by palette
        Chunk(file, "IHDR"u8, header);
        Chunk(file, "PLTE"u8, [.. palette.SelectMany(color => new[] { color.Red, color.Green, color.Blue })]);
        using var rows = new MemoryStream();
        using (var zlib = new ZLibStream(rows, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            for (var row = 0; row < height; row++)
            {
                zlib.WriteByte(0);
                zlib.Write(indices, row * width, width);
            }
        }

        Chunk(file, "IDAT"u8, rows.ToArray());
        Chunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static void Chunk(MemoryStream file, ReadOnlySpan<byte> name, byte[] data)
    {
        var number = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        byte[] body = [.. name, .. data];
        file.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(body));
        file.Write(number);
    }

    // CRC-32 of the same standard, annex D.
    private static uint Crc(byte[] data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }
}
