namespace KdNotebooks.Data;

/// <summary>
/// The targets of a batch that are things in places: what networks that propose places, and losses that weigh
/// foreground apart, read without knowing whose task they are.
/// </summary>
public interface IBoxTargets : ITargets
{
    /// <summary>Height and width of the batch's images, padding included: what boxes are pixels of.</summary>
    ImageSize Image { get; }

    /// <summary>An image each: [n, 4] float32, left, top, right and bottom in pixels of the batch's images; n may be 0.</summary>
    IReadOnlyList<Tensor> Boxes { get; }

    /// <summary>An image each: [n] int64, classes from 0.</summary>
    IReadOnlyList<Tensor> Classes { get; }

    /// <summary>An image each: [n, H, W] uint8, 1 within the thing; null where masks are not known.</summary>
    IReadOnlyList<Tensor>? Masks { get; }
}
