using System.Buffers.Binary;

namespace KdNotebooks.Data.Formats;

/// <summary>The size of a JPEG image (ISO/IEC 10918-1), from its markers; its pixels are not looked at.</summary>
internal static class JpegHeader
{
    private const string Mend = "Fetch the file again.";
    private const byte StartOfFrame = 0xC0, LastOfFrames = 0xCF, StartOfScan = 0xDA, EndOfImage = 0xD9;
    private const byte HuffmanTables = 0xC4, Extension = 0xC8, Arithmetic = 0xCC;

    public static bool IsJpeg(ReadOnlySpan<byte> bytes) => bytes.StartsWith([(byte)0xFF, (byte)0xD8]);

    /// <exception cref="DataFileException">It is missing, no JPEG, or ends before its size.</exception>
    public static (int Height, int Width) ReadSize(string path)
    {
        try
        {
            using var stream = ImageFile.Open(path);
            Span<byte> two = stackalloc byte[2];
            stream.ReadExactly(two);
            if (!IsJpeg(two))
            {
                throw new DataFileException(path, "is no JPEG file", Mend);
            }

            while (true)
            {
                var marker = Marker(stream, path);
                stream.ReadExactly(two);
                var length = BinaryPrimitives.ReadUInt16BigEndian(two);
                if (marker is >= StartOfFrame and <= LastOfFrames
                    and not (HuffmanTables or Extension or Arithmetic))
                {
                    Span<byte> frame = stackalloc byte[5];
                    stream.ReadExactly(frame);
                    return (
                        BinaryPrimitives.ReadUInt16BigEndian(frame[1..]), BinaryPrimitives.ReadUInt16BigEndian(frame[3..]));
                }

                if (length < 2)
                {
                    throw new DataFileException(path, $"has a part of {length} bytes before its size", Mend);
                }

                stream.Seek(length - 2, SeekOrigin.Current);
            }
        }
        catch (EndOfStreamException problem)
        {
            throw new DataFileException(path, "ends before its size is said", Mend, problem);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new DataFileException(path, $"cannot be read ({problem.Message})", Mend, problem);
        }
    }

    private static int Marker(FileStream stream, string path)
    {
        var marker = stream.ReadByte() == 0xFF ? 0xFF : -1;
        while (marker == 0xFF)
        {
            marker = stream.ReadByte(); // any number of 0xFF may stand before a marker
        }

        return marker is > 0 and not (StartOfScan or EndOfImage)
            ? marker
            : throw new DataFileException(path, "ends before its size is said", Mend);
    }
}
