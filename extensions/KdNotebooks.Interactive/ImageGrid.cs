using KdNotebooks.Runtime;
using KdNotebooks.Tasks;

namespace KdNotebooks.Interactive;

/// <summary>Small pictures side by side, each with its label.</summary>
/// <param name="Columns">Pictures in a row; the default value is 8. A narrow window shows fewer.</param>
/// <param name="Caption">What the reader sees here, in one sentence.</param>
/// <param name="Scale">Enlargement; 0, the default value, takes 3 up to 32 pixels, 2 up to 64, then 1.</param>
public sealed record ImageGrid(
    IReadOnlyList<GridImage> Images, int Columns = 8, string Caption = "", int Scale = 0)
{
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
