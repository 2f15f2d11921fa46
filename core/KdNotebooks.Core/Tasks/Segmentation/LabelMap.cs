using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tasks.Segmentation;

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
public sealed record MaskedThing(int Class, PixelBox Box, byte[] Mask)
{
    /// <summary>Pixels of the mask.</summary>
    public int Area => Mask.Count(pixel => pixel != 0);

    /// <summary>With the box around the mask; null where nothing of it is seen.</summary>
    /// <param name="mask">[H, W], 0 or 1.</param>
    public static MaskedThing? Of(int @class, byte[] mask, int width)
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

        return right == 0 ? null : new MaskedThing(@class, new PixelBox(left, top, right, bottom), mask);
    }
}

/// <summary>The class of each pixel of an image.</summary>
/// <param name="Labels">[H, W], classes; 255 is ignored.</param>
/// <param name="Things">The things in it, where the set knows them.</param>
public sealed record LabelMap(byte[] Labels, IReadOnlyList<MaskedThing> Things) : ITarget, IPixelClasses
{
    /// <summary>A color image with its label map.</summary>
    /// <param name="name">What an error calls it: a file's path, or "fashion-scenes train 12".</param>
    /// <param name="image">[3, H, W], red, green, blue, 0 to 255.</param>
    /// <param name="labels">[H, W], classes; 255 is ignored.</param>
    /// <param name="things">The things in it, where the set knows them; none by default.</param>
    /// <exception cref="KdException">Sizes that do not fit together.</exception>
    public static Sample Sample(
        string name, int height, int width, ReadOnlyMemory<byte> image, byte[] labels,
        IReadOnlyList<MaskedThing>? things = null)
    {
        var size = height * width;
        return size >= 1 && image.Length == 3 * size && labels.Length == size
            && (things ?? []).All(thing => thing.Mask.Length == size)
            ? new Sample(name, 3, new ImageSize(height, width), image, new LabelMap(labels, things ?? []))
            : throw new KdException(
                $"{name}: an image of {image.Length} bytes, a label map of {labels.Length} and masks of "
                + $"[{string.Join(", ", (things ?? []).Select(thing => thing.Mask.Length).Distinct())}]; expected 3 x "
                + $"{height} x {width}, {height} x {width} and {height} x {width}.");
    }

    /// <summary>Of a sample with a label map.</summary>
    /// <exception cref="KdException">Its target is of another kind.</exception>
    public static LabelMap Of(Sample sample) => sample.Target as LabelMap ?? throw new KdException(
        $"{sample.Name}: its target is a {sample.Target.GetType().Name}; expected a label map.");

    /// <summary>The nearest pixels; what lies outside the image is ignored, and things that are seen no more are gone.</summary>
    public ITarget Through(ImageWindow window) => new LabelMap(
        window.Nearest(Labels, LabelTable.Ignored),
        [.. Things.Select(thing => MaskedThing.Of(thing.Class, window.Nearest(thing.Mask, 0), window.Width))
            .OfType<MaskedThing>()]);

    public ITargets Collate(IReadOnlyList<ITarget> targets, ImageSize size, torch.Device device)
    {
        using var scope = torch.NewDisposeScope();
        var maps = new byte[targets.Count * size.Pixels];
        for (var i = 0; i < targets.Count; i++)
        {
            var own = ((LabelMap)targets[i]).Labels;
            if (own.Length != size.Pixels)
            {
                throw new KdException(
                    $"Segmentation: a label map of {own.Length} pixels in a batch of {size}; images with label maps are "
                    + "not padded, so that one batch has one size: take crops, or batches of one image.");
            }

            own.CopyTo(maps, i * size.Pixels);
        }

        var labels = torch.tensor(maps, [targets.Count, size.Height, size.Width], dtype: torch.uint8)
            .to(device).to(torch.int64);
        return new LabelMaps(labels.MoveToOuterDisposeScope());
    }

    public double LargestShare(ImageWindow window)
    {
        Span<int> counts = stackalloc int[256];
        counts.Clear();
        foreach (var label in window.Nearest(Labels, LabelTable.Ignored))
        {
            counts[label]++;
        }

        counts[LabelTable.Ignored] = 0;
        var (most, all) = (0, 0);
        foreach (var count in counts)
        {
            (most, all) = (Math.Max(most, count), all + count);
        }

        return all == 0 ? 1 : (double)most / all;
    }
}

/// <summary>The label maps of a batch.</summary>
/// <param name="Labels">[N, H, W] int64; 255 where ignored.</param>
public sealed record LabelMaps(Tensor Labels) : ITargets
{
    public int Count => (int)Labels.shape[0];
}
