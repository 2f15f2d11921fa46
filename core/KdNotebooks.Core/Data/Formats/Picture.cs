namespace KdNotebooks.Data.Formats;

/// <summary>
/// A picture in a file, of which as much is unpacked as is asked for: the rows of a crop, and of a JPEG that is to become much
/// smaller an eighth, a quarter or half of its size.
/// </summary>
internal sealed class Picture
{
    private readonly byte[] bytes;
    private readonly string path;
    private readonly JpegParts? jpeg;

    private Picture(byte[] bytes, string path, JpegParts? jpeg, ImageSize size) =>
        (this.bytes, this.path, this.jpeg, Size) = (bytes, path, jpeg, size);

    /// <summary>As it is stored, in pixels.</summary>
    public ImageSize Size { get; }

    /// <param name="look">How closely what can be damaged unseen is looked at.</param>
    /// <exception cref="DataFileException">As <see cref="ColorReader.Read(string, ColorReader.Look)"/>, as far as its parts say.</exception>
    public static Picture Open(string path, ColorReader.Look look = ColorReader.Look.Parts)
    {
        var bytes = ColorReader.Bytes(path);
        if (!JpegHeader.IsJpeg(bytes))
        {
            return new Picture(bytes, path, null, ColorReader.SizeOf(bytes, path));
        }

        var parts = JpegParts.Of(bytes, path);
        if (look != ColorReader.Look.Parts)
        {
            JpegCodes.Require(bytes, path, whole: look == ColorReader.Look.Whole);
        }

        return new Picture(bytes, path, parts, parts.Size);
    }

    /// <summary>
    /// The largest of 1, 2, 4 and 8 by which a JPEG may be unpacked smaller and still have two pixels along each side for
    /// one of the result; 1 of other formats.
    /// </summary>
    /// <param name="wanted">What becomes of the crop.</param>
    public int Reduction(PixelRect crop, ImageSize wanted)
    {
        var most = Math.Min(crop.Height / wanted.Height, crop.Width / wanted.Width);
        return jpeg is null ? 1 : most switch { >= 16 => 8, >= 8 => 4, >= 4 => 2, _ => 1 };
    }

    /// <summary>Unpacks what a crop needs.</summary>
    /// <param name="crop">In pixels as stored.</param>
    /// <param name="reduction">1, 2, 4 or 8; from 2 on of a JPEG alone.</param>
    /// <exception cref="DataFileException">Its pixels cannot be unpacked.</exception>
    public PixelPart Unpack(PixelRect crop, int reduction = 1)
    {
        if (jpeg is not null)
        {
            return JpegReader.Part(bytes, path, jpeg, crop, reduction);
        }

        var image = ColorReader.Read(bytes, path);
        return PixelPart.OfPlanes(image.Pixels, 3, image.Size);
    }
}
