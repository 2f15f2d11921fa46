using KdNotebooks.Tasks;
using SkiaSharp;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>Pixels to PNG, enlarged by repeating pixels so that small pictures stay sharp.</summary>
internal static class Pictures
{
    private const int Gap = 6, PhotoQuality = 88;

    public static int ScaleOf(GridImage image, int scale) => scale > 0 ? scale
        : Math.Max(image.Width, image.Height) switch { <= 32 => 3, <= 64 => 2, _ => 1 };

    public static byte[] Encode(GridImage image, int scale)
    {
        using var bitmap = Enlarged(image, ScaleOf(image, scale));
        return Png(bitmap);
    }

    /// <summary>A picture within the text of a page.</summary>
    public static string DataUri(GridImage image, int scale) =>
        $"data:image/png;base64,{Convert.ToBase64String(Encode(image, scale))}";

    /// <summary>
    /// A photograph within the text of a page, as JPEG whose colors keep their resolution: a quarter of what it takes
    /// without any loss, since grain cannot be compressed.
    /// </summary>
    public static string PhotoUri(GridImage image)
    {
        using var bitmap = Enlarged(image, 1);
        return $"data:{MimeBundle.Jpeg};base64,{Jpeg(bitmap)}";
    }

    /// <summary>All pictures in one, row by row on a clear ground.</summary>
    public static byte[] Sheet(IReadOnlyList<GridImage> images, int columns, int scale)
    {
        using var sheet = Joined(images, columns, scale, SKColors.Transparent);
        return Png(sheet);
    }

    /// <summary>All photographs in one JPEG, row by row on white; base64.</summary>
    public static string PhotoSheet(IReadOnlyList<GridImage> images, int columns)
    {
        using var sheet = Joined(images, columns, 0, SKColors.White);
        return Jpeg(sheet);
    }

    private static SKBitmap Joined(IReadOnlyList<GridImage> images, int columns, int scale, SKColor ground)
    {
        var across = Math.Min(columns, images.Count);
        var down = (images.Count + across - 1) / across;
        var width = images.Max(image => image.Width * ScaleOf(image, scale)) + Gap;
        var height = images.Max(image => image.Height * ScaleOf(image, scale)) + Gap;
        var sheet = new SKBitmap(across * width - Gap, down * height - Gap);
        using var canvas = new SKCanvas(sheet);
        canvas.Clear(ground);
        for (var i = 0; i < images.Count; i++)
        {
            using var picture = Enlarged(images[i], ScaleOf(images[i], scale));
            canvas.DrawBitmap(picture, i % across * width, i / across * height, SKSamplingOptions.Default);
        }

        return sheet;
    }

    private static SKBitmap Enlarged(GridImage image, int scale)
    {
        var channels = image.Channels;
        var bitmap = new SKBitmap(image.Width * scale, image.Height * scale, SKColorType.Rgba8888, SKAlphaType.Opaque);
        var pixels = bitmap.GetPixelSpan();
        for (var (y, at) = (0, 0); y < bitmap.Height; y++)
        {
            for (var x = 0; x < bitmap.Width; x++, at += 4)
            {
                var from = (y / scale * image.Width + x / scale) * channels;
                pixels[at] = image.Pixels[from];
                pixels[at + 1] = image.Pixels[from + (channels == 3 ? 1 : 0)];
                pixels[at + 2] = image.Pixels[from + (channels == 3 ? 2 : 0)];
                pixels[at + 3] = 255;
            }
        }

        return bitmap;
    }

    private static byte[] Png(SKBitmap bitmap)
    {
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    private static string Jpeg(SKBitmap bitmap)
    {
        using var pixels = bitmap.PeekPixels();
        using var data = pixels!.Encode(new SKJpegEncoderOptions(
            PhotoQuality, SKJpegEncoderDownsample.Downsample444, SKJpegEncoderAlphaOption.Ignore));
        return Convert.ToBase64String(data!.ToArray());
    }
}
