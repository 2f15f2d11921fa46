using KdNotebooks.Data;
using KdNotebooks.Masks;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tasks.Detection;

/// <summary>One thing in an image.</summary>
/// <param name="Class">Index into the set's class names.</param>
/// <param name="Box">In pixels.</param>
/// <param name="Mask">Of the whole image's size; null where only the box is known.</param>
/// <param name="Crowd">Whether it is several things in one: neither learned from nor missed. The default is false.</param>
/// <param name="Size">
/// Pixels that it is taken to have where small, medium and large things are told apart; null (the default) means those of
/// the mask, else of the box.
/// </param>
/// <param name="Id">Of the annotation, for errors; 0 where it has none.</param>
public sealed record Thing(
    int Class, ImageBox Box, RunLength? Mask = null, bool Crowd = false, double? Size = null, long Id = 0)
{
    /// <summary>In pixels.</summary>
    public double Area => Size ?? Mask?.Area ?? Box.Area;
}

/// <summary>The things in an image; there may be none.</summary>
/// <param name="All">In the order of the annotations.</param>
/// <param name="Image">The image's size.</param>
public sealed record Things(IReadOnlyList<Thing> All, ImageSize Image) : ITarget
{
    // What is left of a thing in a crop must be a pixel wide and high to be learned from.
    private const double SmallestSide = 1;

    /// <summary>A color image with the things in it.</summary>
    /// <param name="name">What an error calls it.</param>
    /// <param name="pixels">[3, H, W], 0 to 255.</param>
    /// <exception cref="KdException">A mask of another size than the image, or a box that is none.</exception>
    public static Sample Sample(string name, ImageSize size, ReadOnlyMemory<byte> pixels, IReadOnlyList<Thing> things)
    {
        foreach (var thing in things)
        {
            if (!thing.Box.IsFinite || thing.Box.Width <= 0 || thing.Box.Height <= 0)
            {
                throw new KdException(
                    $"{name}: annotation {thing.Id} has a box of {thing.Box.Width} x {thing.Box.Height} pixels; expected a "
                    + "width and a height above 0. Leave it out.");
            }

            if (thing.Mask is { } mask && (mask.Height, mask.Width) != (size.Height, size.Width))
            {
                throw new KdException(
                    $"{name}: annotation {thing.Id} has a mask of {mask.Width}x{mask.Height} pixels; expected the image's "
                    + $"{size}.");
            }
        }

        return new Sample(name, 3, size, pixels, new Things(things, size));
    }

    /// <summary>Of a sample with things.</summary>
    /// <exception cref="KdException">Its target is of another kind.</exception>
    public static Things Of(Sample sample) => sample.Target as Things ?? throw new KdException(
        $"{sample.Name}: its target is a {sample.Target.GetType().Name}; expected things with boxes.");

    /// <summary>Boxes cut at the crop, masks of the nearest pixels; things of which nothing is left are gone.</summary>
    public ITarget Through(ImageWindow window) => new Things(
        [.. All.Select(thing => Moved(thing, window)).OfType<Thing>()], new ImageSize(window.Height, window.Width));

    public ITargets Collate(IReadOnlyList<ITarget> targets, ImageSize size, torch.Device device) =>
        ThingBatch.Of([.. targets.Cast<Things>()], size, device);

    private static Thing? Moved(Thing thing, ImageWindow window)
    {
        var mask = thing.Mask is { } whole ? window.Nearest(whole) : null;
        return window.Box(thing.Box) is { } box && box.Width >= SmallestSide && box.Height >= SmallestSide
            && mask?.Area != 0
            ? thing with { Box = box, Mask = mask, Size = null }
            : null;
    }
}

/// <summary>The things of a batch.</summary>
/// <param name="Truth">An image each, crowds included.</param>
/// <param name="Image">Height and width of the batch's images.</param>
public sealed record ThingBatch(
    IReadOnlyList<Things> Truth, ImageSize Image, IReadOnlyList<Tensor> Boxes, IReadOnlyList<Tensor> Classes,
    IReadOnlyList<Tensor>? Masks) : IBoxTargets
{
    public int Count => Truth.Count;

    /// <param name="size">Of the batch's images.</param>
    public static ThingBatch Of(IReadOnlyList<Things> images, ImageSize size, torch.Device device)
    {
        var learned = images.Select(image => image.All.Where(thing => !thing.Crowd).ToList()).ToList();
        var masked = learned.TrueForAll(things => things.TrueForAll(thing => thing.Mask is not null));
        return new ThingBatch(
            images, size,
            [.. learned.Select(things => Boxed(things).to(device))],
            [.. learned.Select(things => torch.tensor(
                things.Select(thing => (long)thing.Class).ToArray(), dtype: torch.int64).to(device))],
            masked ? [.. learned.Select(things => Masked(things, size).to(device))] : null);
    }

    private static Tensor Boxed(List<Thing> things) => torch.tensor(
        things.SelectMany(thing => new[] { thing.Box.Left, thing.Box.Top, thing.Box.Right, thing.Box.Bottom })
            .Select(edge => (float)edge).ToArray(),
        [things.Count, 4]);

    private static Tensor Masked(List<Thing> things, ImageSize size)
    {
        var masks = new byte[things.Count * size.Pixels];
        for (var i = 0; i < things.Count; i++)
        {
            var mask = things[i].Mask!;
            var own = mask.ToBitmap();
            for (var row = 0; row < mask.Height; row++)
            {
                own.AsSpan(row * mask.Width, mask.Width)
                    .CopyTo(masks.AsSpan((int)((i * size.Pixels) + ((long)row * size.Width))));
            }
        }

        return torch.tensor(masks, [things.Count, size.Height, size.Width], dtype: torch.uint8);
    }
}
