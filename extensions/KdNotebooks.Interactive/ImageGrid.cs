using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive;

/// <summary>One small picture of an <see cref="ImageGrid"/>.</summary>
/// <param name="Pixels">Row by row, uint8: [height, width] gray or [height, width, 3] RGB.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Label">Shown below the picture: "sneaker".</param>
public sealed record GridImage(byte[] Pixels, int Width, int Height, string Label = "")
{
    /// <summary>1 (gray) or 3 (RGB).</summary>
    /// <exception cref="KdException">The pixels do not fill the size in one or three channels.</exception>
    public int Channels => Width > 0 && Height > 0 && Pixels.Length == Width * Height ? 1
        : Width > 0 && Height > 0 && Pixels.Length == 3 * Width * Height ? 3
        : throw new KdException(
            $"GridImage: {Width} x {Height} pixels need {Width * Height} bytes (gray) or {3 * Width * Height} (RGB); "
            + $"got {Pixels.Length}. Pass the pixels row by row, channels last.");
}

/// <summary>Small pictures side by side, each with its label.</summary>
/// <param name="Columns">Pictures in a row; the default value is 8. A narrow window shows fewer.</param>
/// <param name="Caption">What the reader sees here, in one sentence.</param>
/// <param name="Scale">Enlargement; 0, the default value, takes 3 up to 32 pixels, 2 up to 64, then 1.</param>
public sealed record ImageGrid(
    IReadOnlyList<GridImage> Images, int Columns = 8, string Caption = "", int Scale = 0)
{
    /// <summary>The first images of a set with the names of their classes.</summary>
    public static ImageGrid OfSet(ImageSet set, int count, int columns = 8) => new(
        [.. Enumerable.Range(0, Math.Min(count, set.Count)).Select(i => new GridImage(
            ChannelsLast(set.Image(i), set.Channels), set.Width, set.Height, set.ClassNames[set.Labels.Span[i]]))],
        columns,
        $"The first of {set.Count:N0} images: {set.Name}");

    // [C, H, W] -> [H, W, C]
    private static byte[] ChannelsLast(ReadOnlySpan<byte> image, int channels)
    {
        var (pixels, size) = (new byte[image.Length], image.Length / channels);
        for (var i = 0; i < image.Length; i++)
        {
            pixels[(i % size * channels) + (i / size)] = image[i];
        }

        return pixels;
    }

    /// <summary>Images of a batch, the first in the upper left corner.</summary>
    /// <param name="images">[N, H, W], [N, 1, H, W] or [N, 3, H, W], uint8.</param>
    /// <param name="labels">One for each image, or none.</param>
    /// <exception cref="KdException">Another type or shape, or as many labels as there are not images.</exception>
    public static ImageGrid OfTensor(
        torch.Tensor images, IReadOnlyList<string>? labels = null, int columns = 8, string caption = "")
    {
        var shape = images.shape;
        var channels = shape.Length == 4 ? shape[1] : 1;
        if (images.dtype != torch.ScalarType.Byte || shape.Length is not (3 or 4) || channels is not (1 or 3))
        {
            throw new KdException(
                $"ImageGrid: expected uint8 images [N, H, W], [N, 1, H, W] or [N, 3, H, W]; got {images.dtype} "
                + $"[{string.Join(", ", shape)}]. Undo the normalization, then .clamp(0, 255).to(torch.uint8).");
        }

        if (labels is not null && labels.Count != shape[0])
        {
            throw new KdException($"ImageGrid: {shape[0]} images and {labels.Count} labels; expected one for each.");
        }

        var (height, width) = ((int)shape[^2], (int)shape[^1]);
        using var scope = torch.NewDisposeScope();
        var rows = shape.Length == 4 ? images.permute(0, 2, 3, 1) : images; // [N, H, W, C] or [N, H, W]
        var bytes = rows.contiguous().cpu().data<byte>().ToArray();
        return new([.. bytes.Chunk((int)channels * height * width)
            .Select((pixels, i) => new GridImage(pixels, width, height, labels?[i] ?? ""))], columns, caption);
    }
}
