namespace KdNotebooks.Data.Formats;

/// <summary>A picture in color.</summary>
/// <param name="Pixels">[3, H, W]: red, green, blue, 0 to 255.</param>
internal sealed record ColorImage(ImageSize Size, byte[] Pixels);

/// <summary>Reads images of the formats that datasets have, PNG, JPEG and WebP, whatever the file's name says it is.</summary>
internal static class ColorReader
{
    /// <summary>What a <see cref="ContentIndex"/> notes of a file that was read with every code looked at.</summary>
    public const string Sound = "decodes in color 1";

    private const string Mend = "Fetch or write the file again.";
    private const int Enough = WebpReader.Begin; // bytes by which a format is known

    /// <param name="look">How closely what can be damaged unseen is looked at. The default is <see cref="Look.Parts"/>.</param>
    /// <exception cref="DataFileException">It is missing, damaged, of another format, or no regular file.</exception>
    public static ColorImage Read(string path, Look look = Look.Parts) => Read(Bytes(path), path, look);

    /// <summary>The same of a file's bytes.</summary>
    /// <param name="path">For errors.</param>
    /// <exception cref="DataFileException">As of a file.</exception>
    public static ColorImage Read(byte[] bytes, string path, Look look = Look.Parts)
    {
        var format = Of(bytes, path);
        if (format == Format.WebP)
        {
            return WebpReader.Read(bytes, path);
        }

        if (format == Format.Jpeg)
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
        var begin = Bytes(path, Enough);
        var (height, width) = Of(begin, path) switch
        {
            Format.Jpeg => JpegHeader.ReadSize(path),
            Format.WebP => WebpReader.SizeOf(begin, path) is var size ? (size.Height, size.Width) : default,
            _ => PngReader.ReadSize(path),
        };
        return new ImageSize(height, width);
    }

    /// <summary>The same of a file's bytes.</summary>
    /// <param name="path">For errors.</param>
    public static ImageSize SizeOf(byte[] bytes, string path) => Of(bytes, path) switch
    {
        Format.Jpeg => JpegParts.Of(bytes, path).Size,
        Format.WebP => WebpReader.SizeOf(bytes, path),
        _ => PngHeader.Of(bytes, path) is var header ? new ImageSize(header.Height, header.Width) : default,
    };

    private static Format Of(ReadOnlySpan<byte> bytes, string path) =>
        JpegHeader.IsJpeg(bytes) ? Format.Jpeg
        : PngReader.IsPng(bytes) ? Format.Png
        : WebpReader.IsWebp(bytes) ? Format.WebP
        : throw new DataFileException(path, bytes.IsEmpty ? "is empty" : "is neither a PNG nor a JPEG file, nor WebP", Mend);

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
        WebP,
    }
}
