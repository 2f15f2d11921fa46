namespace KdNotebooks.Data.Formats;

/// <summary>A picture in color.</summary>
/// <param name="Pixels">[3, H, W]: red, green, blue, 0 to 255.</param>
internal sealed record ColorImage(ImageSize Size, byte[] Pixels);

/// <summary>Reads images of the formats that datasets have, PNG and JPEG, whatever the file's name says it is.</summary>
internal static class ColorReader
{
    /// <summary>What a <see cref="ContentIndex"/> notes of a file that was read with every code looked at.</summary>
    public const string Sound = "decodes in color 1";

    private const string Mend = "Fetch or write the file again.";
    private const int Enough = 8; // bytes by which a format is known

    /// <param name="look">How closely what can be damaged unseen is looked at. The default is <see cref="Look.Parts"/>.</param>
    /// <exception cref="DataFileException">It is missing, damaged, of another format, or no regular file.</exception>
    public static ColorImage Read(string path, Look look = Look.Parts) => Read(Bytes(path), path, look);

    /// <summary>The same of a file's bytes.</summary>
    /// <param name="path">For errors.</param>
    /// <exception cref="DataFileException">As of a file.</exception>
    public static ColorImage Read(byte[] bytes, string path, Look look = Look.Parts)
    {
        if (Of(bytes, path) == Format.Jpeg)
        {
            var image = JpegReader.Read(bytes, path);
            if (look != Look.Parts)
            {
                JpegCodes.Require(bytes, path, whole: look == Look.Whole);
            }

            return image;
        }

        var png = PngReader.Read(bytes, path);
        return new ColorImage(new ImageSize(png.Height, png.Width), png.ToColor());
    }

    /// <summary>The size alone, as little read of the file as there must be.</summary>
    /// <exception cref="DataFileException">As <see cref="Read(string, Look)"/>, as far as the first bytes tell.</exception>
    public static ImageSize ReadSize(string path)
    {
        var (height, width) = Of(Bytes(path, Enough), path) == Format.Jpeg
            ? JpegHeader.ReadSize(path)
            : PngReader.ReadSize(path);
        return new ImageSize(height, width);
    }

    /// <summary>The same of a file's bytes.</summary>
    /// <param name="path">For errors.</param>
    public static ImageSize SizeOf(byte[] bytes, string path) => Of(bytes, path) == Format.Jpeg
        ? JpegParts.Of(bytes, path).Size
        : PngHeader.Of(bytes, path) is var header ? new ImageSize(header.Height, header.Width) : default;

    private static Format Of(ReadOnlySpan<byte> bytes, string path) =>
        JpegHeader.IsJpeg(bytes) ? Format.Jpeg
        : PngReader.IsPng(bytes) ? Format.Png
        : throw new DataFileException(path, bytes.IsEmpty ? "is empty" : "is neither a PNG nor a JPEG file", Mend);

    /// <exception cref="DataFileException">It cannot be read.</exception>
    public static byte[] Bytes(string path, int limit = int.MaxValue)
    {
        try
        {
            return ImageFile.Read(path, limit);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new DataFileException(path, $"cannot be read ({problem.Message})", Mend, problem);
        }
    }

    /// <summary>How closely a JPEG is looked at; a PNG has checksums.</summary>
    internal enum Look
    {
        /// <summary>Its parts: what costs next to nothing.</summary>
        Parts,

        /// <summary>Its codes, too: half as long again. What is refused is damaged for certain.</summary>
        Codes,

        /// <summary>And that nothing stands behind the last code.</summary>
        Whole,
    }

    private enum Format
    {
        Png,
        Jpeg,
    }
}
