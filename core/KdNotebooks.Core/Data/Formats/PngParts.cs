using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace KdNotebooks.Data.Formats;

/// <summary>
/// The parts (chunks) of a PNG file that say what its pixels are, in the order that the standard asks for: ISO/IEC
/// 15948, sections 5 and 11. Parts that a reader may pass over are passed over, but for their checksums.
/// </summary>
/// <param name="Palette">Three bytes a color; empty where there is none.</param>
/// <param name="Data">The zlib stream of all parts IDAT.</param>
internal sealed record PngParts(PngHeader Header, byte[] Palette, byte[] Data)
{
    /// <exception cref="DataFileException">The file is no PNG, damaged, or holds what the standard forbids.</exception>
    public static PngParts Of(byte[] bytes, string path)
    {
        var header = PngHeader.Of(bytes, path);
        byte[]? palette = null;
        var data = new MemoryStream();
        var last = "";
        foreach (var (type, start, length) in All(bytes, path))
        {
            switch (type)
            {
                case "IHDR" when last.Length > 0:
                    throw Wrong("it has a second IHDR");
                case "PLTE":
                    palette = palette is null && data.Length == 0
                        ? Colors(header, bytes.AsSpan(start, length)) ?? throw Wrong(
                            $"its palette has {length} bytes; expected 3 a color, at most 2^{header.Bits} colors, and "
                            + "none for gray")
                        : throw Wrong("it has a second palette, or one behind its pixels");
                    break;
                case "IDAT":
                    if (data.Length > 0 && last != "IDAT")
                    {
                        throw Wrong("its pixels (IDAT) are interrupted by another part");
                    }

                    data.Write(bytes, start, length);
                    break;
                case "IEND" when length > 0:
                    throw Wrong("its end (IEND) holds bytes");
                case "IHDR" or "IEND":
                    break;
                default:
                    if (!type.All(char.IsAsciiLetter) || char.IsAsciiLetterUpper(type[0]))
                    {
                        throw Wrong($"it has a part {Printable(type)}, which is not known and not to be passed over");
                    }

                    break;
            }

            last = type;
        }

        return header.Color == PngColor.Palette && palette is null ? throw Wrong("it has no palette (PLTE)")
            : data.Length == 0 ? throw Wrong("it has no pixels (IDAT)")
            : new PngParts(header, palette ?? [], data.ToArray());

        DataFileException Wrong(string what) =>
            PngReader.Broken(path, $"is damaged, or no PNG that the standard knows: {what}");
    }

    // Null where the standard has no such palette.
    private static byte[]? Colors(PngHeader header, ReadOnlySpan<byte> bytes)
    {
        var most = 3 << Math.Min(header.Bits, 8);
        return header.Color is PngColor.Gray or PngColor.GrayAlpha || bytes.Length == 0 || bytes.Length % 3 != 0
            || bytes.Length > most
            ? null
            : bytes.ToArray();
    }

    // Type, where the data begin, how long they are; ends with IEND.
    private static IEnumerable<(string Type, int Start, int Length)> All(byte[] bytes, string path)
    {
        for (var at = PngReader.SignatureLength; ;)
        {
            var length = at + 12 <= bytes.Length
                ? BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at))
                : uint.MaxValue;
            if (length > bytes.Length - at - 12L)
            {
                throw PngReader.Broken(path, $"ends after {bytes.Length} bytes, in the middle of a PNG");
            }

            var (size, type) = ((int)length, Encoding.Latin1.GetString(bytes, at + 4, 4));
            var stored = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at + 8 + size));
            if (Crc32.HashToUInt32(bytes.AsSpan(at + 4, size + 4)) != stored)
            {
                throw PngReader.Broken(path, $"is damaged: the checksum of its part {Printable(type)} is another");
            }

            yield return (type, at + 8, size);
            if (type == "IEND")
            {
                yield break;
            }

            at += 12 + size;
        }
    }

    private static string Printable(string type) => type.All(char.IsAsciiLetter)
        ? type
        : "0x" + Convert.ToHexStringLower(Encoding.Latin1.GetBytes(type));
}
