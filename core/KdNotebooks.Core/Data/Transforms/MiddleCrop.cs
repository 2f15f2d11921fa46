using KdNotebooks.Data.Formats;

namespace KdNotebooks.Data;

/// <summary>
/// The shorter side resized, then the middle cut out: how classifiers are measured. Pixels are those of torchvision's
/// <c>Resize</c> and <c>CenterCrop</c> on Pillow images, to the bit; what lies beyond a picture that is smaller is 0.
/// </summary>
/// <param name="Side">Of the shorter side after it is resized, in pixels.</param>
/// <param name="Crop">Height and width of what is cut out, in pixels.</param>
internal sealed record MiddleCrop(int Side, int Crop)
{
    /// <summary>The usual share: 256 for 224.</summary>
    public static int UsualSide(int crop) => (int)Math.Round(crop * 256.0 / 224);

    public Sample Apply(PictureSample sample)
    {
        var size = sample.Picture.Size;
        using var part = sample.Picture.Unpack(PixelRect.Of(size));
        var pixels = new byte[3 * Crop * Crop];
        Write(part, size, pixels, 3);
        return new Sample(sample.Name, 3, new ImageSize(Crop, Crop), pixels, sample.Target);
    }

    /// <param name="planes">[C, Crop, Crop].</param>
    public void Write(PixelPart part, ImageSize size, Span<byte> planes, int channels)
    {
        var resized = size.Width <= size.Height
            ? new ImageSize(Longer(size.Height, size.Width), Side)
            : new ImageSize(Side, Longer(size.Width, size.Height));
        var window = new PixelRect(Start(resized.Width), Start(resized.Height), Crop, Crop);
        Antialias.Resize(part, PixelRect.Of(size), resized, window, mirrored: false, planes, channels);
    }

    // torchvision: int(size * long / short).
    private int Longer(int longer, int shorter) => (int)((long)Side * longer / shorter);

    // torchvision: round((image - crop) / 2), to even; of an image that is smaller it pads the left by (crop - image) // 2.
    private int Start(int length) => length < Crop ? -((Crop - length) / 2) : (int)Math.Round((length - Crop) / 2.0);
}
