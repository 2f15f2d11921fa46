using KdNotebooks.Runtime;

namespace KdNotebooks.Data.Dense;

/// <summary>A rectangle of pixels: columns [Left, Right), rows [Top, Bottom).</summary>
public readonly record struct PixelBox(int Left, int Top, int Right, int Bottom)
{
    public int Width => Right - Left;

    public int Height => Bottom - Top;
}

/// <summary>One thing in an image.</summary>
/// <param name="Class">Index into the set's class names.</param>
/// <param name="Box">The smallest around the mask.</param>
/// <param name="Mask">[H, W] of the whole image: 1 where the thing is seen, 0 elsewhere.</param>
public sealed record DenseInstance(int Class, PixelBox Box, byte[] Mask)
{
    /// <summary>Pixels of the mask.</summary>
    public int Area => Mask.Count(pixel => pixel != 0);

    /// <summary>With the box around the mask; null where nothing of it is seen.</summary>
    /// <param name="mask">[H, W], 0 or 1.</param>
    public static DenseInstance? Of(int @class, byte[] mask, int width)
    {
        var (left, top, right, bottom) = (int.MaxValue, int.MaxValue, 0, 0);
        for (var i = 0; i < mask.Length; i++)
        {
            if (mask[i] != 0)
            {
                var (y, x) = (i / width, i % width);
                (left, right, top, bottom) =
                    (Math.Min(left, x), Math.Max(right, x + 1), Math.Min(top, y), Math.Max(bottom, y + 1));
            }
        }

        return right == 0 ? null : new DenseInstance(@class, new PixelBox(left, top, right, bottom), mask);
    }
}

/// <summary>An image with the class of each of its pixels.</summary>
public sealed record DenseSample
{
    /// <param name="name">What an error calls it: a file's path, or "fashion-scenes train 12".</param>
    /// <param name="image">[3, H, W], red, green, blue, 0 to 255.</param>
    /// <param name="labels">[H, W], classes; 255 is ignored.</param>
    /// <param name="instances">The things in it, where the set knows them; none by default.</param>
    /// <exception cref="KdException">Sizes that do not fit together.</exception>
    public DenseSample(
        string name, int height, int width, byte[] image, byte[] labels, IReadOnlyList<DenseInstance>? instances = null)
    {
        (Name, Height, Width, Image, Labels, Instances) = (name, height, width, image, labels, instances ?? []);
        var size = height * width;
        if (size < 1 || image.Length != 3 * size || labels.Length != size || Instances.Any(i => i.Mask.Length != size))
        {
            throw new KdException(
                $"{name}: an image of {image.Length} bytes, a label map of {labels.Length} and masks of "
                + $"[{string.Join(", ", Instances.Select(i => i.Mask.Length).Distinct())}]; expected 3 x {height} x "
                + $"{width}, {height} x {width} and {height} x {width}.");
        }
    }

    public string Name { get; }

    /// <summary>In pixels.</summary>
    public int Height { get; }

    /// <summary>In pixels.</summary>
    public int Width { get; }

    /// <summary>[3, H, W].</summary>
    public byte[] Image { get; }

    /// <summary>[H, W].</summary>
    public byte[] Labels { get; }

    public IReadOnlyList<DenseInstance> Instances { get; }
}
