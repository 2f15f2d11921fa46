using System.Runtime.InteropServices;
using KdNotebooks.Runtime;

namespace KdNotebooks.Ops;

/// <summary>
/// Masks of boxes at their places in an image, 0 elsewhere, as torchvision's paste_masks_in_image: mask and box are
/// first enlarged by a frame of one pixel of the mask, so that an edge fades out; the box's sides are then cut to whole
/// pixels and the mask resized to them, bilinearly.
/// </summary>
/// <remarks>
/// In managed memory, and of a box no more than is inside the image: neither time nor memory grows with what is
/// outside. The result has an image for each mask; where that is too much, give the masks in parts.
/// </remarks>
public static class MaskPaste
{
    /// <param name="masks">[K, 1, M, M] or [K, M, M]: probabilities</param>
    /// <param name="boxes">[K, 4], in pixels of the image</param>
    /// <param name="height">Of the image, in pixels.</param>
    /// <param name="width">Of the image, in pixels.</param>
    /// <returns>[K, height, width] float32, on the CPU: four bytes a pixel and mask</returns>
    public static Tensor Probabilities(Tensor masks, Tensor boxes, int height, int width)
    {
        var pasted = torch.zeros([masks.shape[0], height, width], torch.float32);
        Paste<float>(masks, boxes, pasted, (values, image) => values.CopyTo(image));
        return pasted;
    }

    /// <summary>Where the probability is above a threshold.</summary>
    /// <param name="masks">[K, 1, M, M] or [K, M, M]: probabilities</param>
    /// <param name="boxes">[K, 4], in pixels of the image</param>
    /// <param name="height">Of the image, in pixels.</param>
    /// <param name="width">Of the image, in pixels.</param>
    /// <param name="threshold">At least 0. The default value is 0.5.</param>
    /// <returns>[K, height, width] bool, on the CPU: one byte a pixel and mask</returns>
    public static Tensor Above(Tensor masks, Tensor boxes, int height, int width, double threshold = 0.5)
    {
        if (!(threshold >= 0))
        {
            throw new KdException(
                $"MaskPaste: expected a threshold of at least 0, got {threshold}; a probability is 0 to 1.");
        }

        var pasted = torch.zeros([masks.shape[0], height, width], torch.@bool);
        Paste<byte>(masks, boxes, pasted, (values, image) =>
        {
            for (var x = 0; x < values.Length; x++)
            {
                image[x] = values[x] > threshold ? (byte)1 : (byte)0;
            }
        });
        return pasted;
    }

    private delegate void LineWriter<T>(ReadOnlySpan<float> values, Span<T> image);

    private static void Paste<T>(Tensor masks, Tensor boxes, Tensor pasted, LineWriter<T> write)
        where T : unmanaged
    {
        Require(masks, boxes);
        using var scope = torch.NewDisposeScope();
        var (count, size) = ((int)masks.shape[0], (int)masks.shape[^1]);
        var (height, width) = ((int)pasted.shape[1], (int)pasted.shape[2]);
        var values = ManagedCopy.Of<float>(masks);
        var sides = ManagedCopy.Of<float>(boxes);
        var line = new float[width];
        for (var k = 0; k < count; k++)
        {
            using var image = pasted[k];
            var pixels = MemoryMarshal.Cast<byte, T>(image.bytes);
            var mask = values.AsSpan(k * size * size, size * size);
            var place = new MaskPlace(mask, size, sides.AsSpan(4 * k, 4), height, width);
            var part = line.AsSpan(0, place.Right - place.Left);
            for (var y = place.Top; y < place.Bottom; y++)
            {
                place.Line(y, part);
                write(part, pixels.Slice((y * width) + place.Left, part.Length));
            }
        }
    }

    private static void Require(Tensor masks, Tensor boxes)
    {
        Boxes.RequireBoxes(boxes, nameof(boxes));
        var single = masks.dim() == 3 || (masks.dim() == 4 && masks.shape[1] == 1);
        if (!single || masks.shape[^1] != masks.shape[^2] || masks.shape[0] != boxes.shape[0])
        {
            throw new KdException(
                $"MaskPaste: expected a square mask for each of {boxes.shape[0]} boxes, [K, 1, M, M] or [K, M, M], got "
                + $"[{string.Join(", ", masks.shape)}]; choose each box's class first.");
        }
    }
}
