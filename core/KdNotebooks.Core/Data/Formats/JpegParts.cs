using System.Buffers.Binary;

namespace KdNotebooks.Data.Formats;

/// <summary>
/// The parts of a JPEG file (ISO/IEC 10918-1, annex B) from its beginning to its end: whether one follows the other as they
/// must, and how large the image is. Bytes behind the end, as cameras leave them, are passed over; so is what the compressed
/// pixels say, of which other bits are another image.
/// </summary>
/// <param name="Channels">1 for gray, 3 for color, 4 for CMYK.</param>
internal sealed record JpegParts(ImageSize Size, int Channels)
{
    private const byte Huffman = 0xC4, Arithmetic = 0xCC, Restart = 0xD0, Start = 0xD8, End = 0xD9, Scan = 0xDA;
    private const byte Quantization = 0xDB, Lines = 0xDC, RestartInterval = 0xDD, FirstApp = 0xE0, LastApp = 0xEF, Comment = 0xFE;
    private const long MostPixels = 1 << 28;

    /// <exception cref="DataFileException">Parts are missing, misplaced, or of a kind that is not read.</exception>
    public static JpegParts Of(ReadOnlySpan<byte> bytes, string path)
    {
        if (!JpegHeader.IsJpeg(bytes))
        {
            throw JpegReader.Broken(path, bytes.IsEmpty ? "is empty" : "is no JPEG file");
        }

        var (at, size, channels, scans, interval) = (2, default(ImageSize?), 0, 0, 0);
        while (true)
        {
            var marker = Marker(bytes, ref at, path);
            if (marker == End)
            {
                return size is { } known && scans > 0 ? new JpegParts(known, channels)
                    : throw JpegReader.Broken(path, "ends before its first pixel");
            }

            var part = Part(bytes, ref at, marker, path);
            switch (marker)
            {
                case >= 0xC0 and <= 0xCF and not (Huffman or 0xC8 or Arithmetic):
                    size = size is null ? Frame(marker, part, bytes.Length, path)
                        : throw JpegReader.Broken(path, "is damaged: it says its size twice");
                    channels = part[5];
                    break;
                case RestartInterval when part.Length == 2:
                    interval = BinaryPrimitives.ReadUInt16BigEndian(part);
                    break;
                case Scan:
                    scans++;
                    Pixels(bytes, ref at, interval, size is not null, path);
                    break;
                case Huffman or Quantization or Lines or (>= FirstApp and <= LastApp) or Comment:
                    break;
                default:
                    throw JpegReader.Broken(
                        path, $"is damaged: it has a part 0x{marker:X2} of {part.Length} bytes, which is not known");
            }
        }
    }

    private static byte Marker(ReadOnlySpan<byte> bytes, ref int at, string path)
    {
        if (at < bytes.Length && bytes[at] != 0xFF)
        {
            throw JpegReader.Broken(path, $"is damaged: at byte {at} there is none of its parts");
        }

        while (at < bytes.Length && bytes[at] == 0xFF)
        {
            at++; // any number of 0xFF may stand before a marker
        }

        return at < bytes.Length ? bytes[at++] : throw Cut(path, bytes.Length);
    }

    private static ReadOnlySpan<byte> Part(ReadOnlySpan<byte> bytes, ref int at, byte marker, string path)
    {
        if (at + 2 > bytes.Length)
        {
            throw Cut(path, bytes.Length);
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
        if (length < 2 || marker is 0 or Start or (>= Restart and <= Restart + 7))
        {
            throw JpegReader.Broken(path, $"is damaged: it has a part 0x{marker:X2} of {length} bytes");
        }

        if (at + length > bytes.Length)
        {
            throw Cut(path, bytes.Length);
        }

        var part = bytes.Slice(at + 2, length - 2);
        at += length;
        return part;
    }

    private static ImageSize Frame(byte marker, ReadOnlySpan<byte> part, int length, string path)
    {
        if (part.Length < 6 || part.Length != 6 + (3 * part[5]))
        {
            throw JpegReader.Broken(path, "is damaged: what says its size is too short or too long");
        }

        var (bits, count) = (part[0], part[5]);
        var size = new ImageSize(
            BinaryPrimitives.ReadUInt16BigEndian(part[1..]), BinaryPrimitives.ReadUInt16BigEndian(part[3..]));
        if (marker > 0xC2 || bits != 8 || count is not (1 or 3 or 4))
        {
            throw JpegReader.Broken(
                path, $"is a JPEG of a kind that is not read (process 0x{marker:X2}, {bits} bits, {count} channels): expected "
                + "sequential or progressive, Huffman coded, 8 bits, gray, color or CMYK");
        }

        if (size.Pixels == 0 || size.Pixels > MostPixels)
        {
            throw JpegReader.Broken(path, $"says it is {size} pixels large; expected 1 to {MostPixels} pixels");
        }

        // A block of 8x8 takes a bit at the least.
        return Blocks(part[6..], size) is { } blocks && blocks <= 8L * length ? size : throw JpegReader.Broken(
            path, $"says it is {size} pixels large, but {length} bytes cannot hold them");
    }

    private static long? Blocks(ReadOnlySpan<byte> channels, ImageSize size)
    {
        var (most, blocks) = ((Down: 1, Across: 1), 0L);
        for (var i = 1; i < channels.Length; i += 3)
        {
            var (across, down) = (channels[i] >> 4, channels[i] & 15);
            if (across is < 1 or > 4 || down is < 1 or > 4)
            {
                return null;
            }

            most = (Math.Max(most.Down, down), Math.Max(most.Across, across));
        }

        for (var i = 1; i < channels.Length; i += 3)
        {
            blocks += (long)Math.Ceiling(size.Height * (channels[i] & 15) / (8.0 * most.Down))
                * (long)Math.Ceiling(size.Width * (channels[i] >> 4) / (8.0 * most.Across));
        }

        return blocks;
    }

    // Compressed pixels, to the next marker: 0xFF is followed by 0 in them, or by restarts in their turn.
    private static void Pixels(ReadOnlySpan<byte> bytes, ref int at, int interval, bool sized, string path)
    {
        if (!sized)
        {
            throw JpegReader.Broken(path, "is damaged: its pixels come before its size");
        }

        for (var restarts = 0; ;)
        {
            var next = bytes[at..].IndexOf((byte)0xFF);
            if (next < 0 || at + next + 1 >= bytes.Length)
            {
                throw Cut(path, bytes.Length);
            }

            at += next;
            var after = bytes[at + 1];
            if (after is >= Restart and <= Restart + 7)
            {
                if (interval == 0 || after != Restart + (restarts++ % 8))
                {
                    throw JpegReader.Broken(path, "is damaged: within its pixels something is missing or too much");
                }
            }
            else if (after is not (0 or 0xFF))
            {
                if (after is not (Huffman or End or Scan or Quantization or Lines or RestartInterval or Comment
                    or (>= FirstApp and <= LastApp)))
                {
                    throw JpegReader.Broken(path, $"is damaged: within its pixels is a part 0x{after:X2}");
                }

                return;
            }

            at += after == 0xFF ? 1 : 2;
        }
    }

    private static DataFileException Cut(string path, int length) =>
        JpegReader.Broken(path, $"ends after {length} bytes, in the middle of a JPEG");
}
