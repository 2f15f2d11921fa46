namespace KdNotebooks.Interactive.Formatting;

/// <summary>The pictures of a tensor that looks like images.</summary>
internal static class TensorImages
{
    /// <summary>More are not shown.</summary>
    public const int Most = 16;

    // Smaller is a kernel or a table; longer is a matrix of something else; larger would fill the notebook.
    private const int Smallest = 8, Largest = 512, MostStretched = 4;

    /// <summary>
    /// [H, W], [1 or 3, H, W] or [N, 1 or 3, H, W] of uint8 or floating point; null for anything else. Floating-point
    /// numbers go from black at the lowest to white at the highest of what is shown.
    /// </summary>
    public static ImageGrid? Of(Tensor tensor)
    {
        var shape = tensor.shape;
        if (shape.Length is < 2 or > 4 || !Fits(shape[^2], shape[^1])
            || (shape.Length > 2 && shape[^3] is not (1 or 3))
            || (tensor.dtype != torch.ScalarType.Byte && !tensor.is_floating_point()))
        {
            return null;
        }

        using var scope = torch.NewDisposeScope();
        var channels = shape.Length > 2 ? shape[^3] : 1;
        var all = tensor.detach().reshape(-1, channels, shape[^2], shape[^1]); // [N, C, H, W]
        var shown = all.slice(0, 0, Math.Min(Most, all.shape[0]), 1);
        var bytes = tensor.dtype == torch.ScalarType.Byte ? shown : Stretched(shown);
        return ImageGrid.OfTensor(bytes, columns: 8, caption: Caption(all.shape[0], tensor.dtype));
    }

    private static bool Fits(long height, long width) =>
        Math.Min(height, width) >= Smallest && Math.Max(height, width) <= Largest
        && Math.Max(height, width) <= MostStretched * Math.Min(height, width);

    private static Tensor Stretched(Tensor images)
    {
        var numbers = images.to(torch.float32).nan_to_num();
        var (low, high) = (numbers.min(), numbers.max());
        return ((numbers - low) / (high - low).clamp_min(1e-12) * 255).clamp(0, 255).round().to(torch.uint8);
    }

    private static string Caption(long count, torch.ScalarType type)
    {
        var which = count > Most ? $"The first {Most} of {count} images."
            : count > 1 ? $"{count} images."
            : "As an image.";
        return type == torch.ScalarType.Byte
            ? which
            : which + " Black is the lowest number of these, white the highest.";
    }
}
