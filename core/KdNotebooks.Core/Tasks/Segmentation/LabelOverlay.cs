using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tasks.Segmentation;

/// <summary>
/// A label map over its image in gray, so that every color is that of a class: it lets the image through within its
/// region, and hardly on the border. Ignored pixels are hatched in gray.
/// </summary>
internal sealed class LabelOverlay
{
    // Wider images are reduced to at most this many pixels: a saved notebook holds every one of them.
    private const int Most = 320;

    // Of a class's color within its region, and on its border.
    private const double Within = 0.6, OnBorder = 0.95;

    private readonly LabelTable table;
    private readonly GridImage image;
    private readonly int factor, width;

    public LabelOverlay(LabelTable table, Sample scene)
    {
        this.table = table;
        (factor, width) = (Factor(scene.Height, scene.Width), scene.Width);
        image = Reduced(scene, factor);
    }

    /// <summary>The image alone, reduced where it is large.</summary>
    public GridImage Image => image;

    /// <summary>The image with a label map over it.</summary>
    /// <param name="labels">[H, W] of the scene; 255 is ignored.</param>
    public GridImage Of(IReadOnlyList<byte> labels)
    {
        var pixels = new byte[image.Pixels.Length];
        for (var i = 0; i < pixels.Length / 3; i++)
        {
            var (y, x) = (i / image.Width, i % image.Width);
            var label = At(labels, y, x);
            var (r, g, b) = Color(table, label, y, x);
            var share = IsBorder(labels, label, y, x) ? OnBorder : Within;
            var gray = Gray(image.Pixels.AsSpan(3 * i, 3));
            (pixels[3 * i], pixels[(3 * i) + 1], pixels[(3 * i) + 2]) =
                (Mix(gray, r, share), Mix(gray, g, share), Mix(gray, b, share));
        }

        return image with { Pixels = pixels };
    }

    /// <summary>A patch of a class's color, of the hatching for 255, for a legend.</summary>
    public static GridImage Patch(LabelTable table, byte label, int side) => new(
        [.. Enumerable.Range(0, side * side).SelectMany(i =>
        {
            var (r, g, b) = Color(table, label, i / side, i % side);
            return new[] { r, g, b };
        })], side, side);

    private static int Factor(int height, int width) => (Math.Max(height, width) + Most - 1) / Most;

    // [3, H, W] -> [h, w, 3], each pixel the mean of a square; what does not fill one at the edge is left out
    private static GridImage Reduced(Sample scene, int factor)
    {
        var (height, width, plane) = (scene.Height / factor, scene.Width / factor, scene.Height * scene.Width);
        if (height == 0 || width == 0)
        {
            throw new KdException(
                $"{scene.Name}: {scene.Width}x{scene.Height} pixels are too long a strip to be shown.");
        }

        var pixels = new byte[3 * height * width];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (channel, y, x) = (i % 3, i / 3 / width, i / 3 % width);
            pixels[i] = Mean(scene.Pixels.Span.Slice(channel * plane, plane), scene.Width, y * factor, x * factor, factor);
        }

        return new GridImage(pixels, width, height);
    }

    private static byte Mean(ReadOnlySpan<byte> plane, int width, int top, int left, int side)
    {
        var sum = 0;
        for (var i = 0; i < side * side; i++)
        {
            sum += plane[((top + (i / side)) * width) + left + (i % side)];
        }

        return (byte)((sum + (side * side / 2)) / (side * side));
    }

    // The label in the middle of the square that a pixel of a reduced image stands for.
    private byte At(IReadOnlyList<byte> labels, int y, int x) =>
        labels[(((y * factor) + (factor / 2)) * width) + (x * factor) + (factor / 2)];

    private bool IsBorder(IReadOnlyList<byte> labels, byte label, int y, int x) =>
        (y > 0 && At(labels, y - 1, x) != label) || (y < image.Height - 1 && At(labels, y + 1, x) != label)
        || (x > 0 && At(labels, y, x - 1) != label) || (x < image.Width - 1 && At(labels, y, x + 1) != label);

    private static (byte R, byte G, byte B) Color(LabelTable table, byte label, int y, int x)
    {
        if (label >= table.Classes.Count)
        {
            return (x + y) % 6 < 2 ? ((byte)225, (byte)225, (byte)225) : ((byte)120, (byte)120, (byte)120);
        }

        var color = table.Classes[label].Color;
        return ((byte)(color >> 16), (byte)(color >> 8), (byte)color);
    }

    // Luma as in ITU-R BT.601.
    private static double Gray(ReadOnlySpan<byte> rgb) => (0.299 * rgb[0]) + (0.587 * rgb[1]) + (0.114 * rgb[2]);

    private static byte Mix(double image, byte color, double share) =>
        (byte)Math.Round(image + ((color - image) * share));
}
