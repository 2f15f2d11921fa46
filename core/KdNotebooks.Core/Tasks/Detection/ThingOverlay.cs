using KdNotebooks.Data;
using KdNotebooks.Masks;

namespace KdNotebooks.Tasks.Detection;

/// <summary>
/// Boxes and masks over their image in gray. A thing's class is told by a color and by its name in the box's corner; small
/// images are enlarged so that the name can be read, large ones reduced.
/// </summary>
internal sealed class ThingOverlay
{
    // Wide enough to be read, and small enough for a notebook that holds many.
    private const int Least = 240, Most = 480;
    private const double MaskShare = 0.45;

    // Told apart by people who see red and green alike, too (Paul Tol's muted scheme and two more).
    private static readonly int[] Colors =
        [0xCC6677, 0x88CCEE, 0xDDCC77, 0x117733, 0x6699CC, 0xAA4499, 0x44AA99, 0x999933, 0xEE8866, 0xF2F2F2];

    private readonly double scale;
    private readonly int width, height;
    private readonly byte[] pixels; // [h, w, 3]

    public ThingOverlay(Sample sample)
    {
        var longest = Math.Max(sample.Width, sample.Height);
        scale = longest < Least ? (Least + longest - 1) / longest : longest > Most ? (double)Most / longest : 1;
        (width, height) = (Math.Max(1, (int)(sample.Width * scale)), Math.Max(1, (int)(sample.Height * scale)));
        pixels = new byte[3 * width * height];
        var planes = sample.Pixels.Span;
        var plane = (int)sample.Size.Pixels;
        for (var i = 0; i < width * height; i++)
        {
            var at = (Source(i / width, sample.Height) * sample.Width) + Source(i % width, sample.Width);
            for (var channel = 0; channel < 3; channel++)
            {
                pixels[(3 * i) + channel] = planes[((sample.Channels == 3 ? channel : 0) * plane) + at];
            }
        }
    }

    /// <summary>The image alone.</summary>
    public GridImage Image => new((byte[])pixels.Clone(), width, height);

    /// <summary>The image in gray with things over it.</summary>
    /// <param name="things">Those drawn last lie on top.</param>
    public GridImage With(IEnumerable<(int Class, string Name, ImageBox Box, RunLength? Mask)> things)
    {
        var drawn = new byte[pixels.Length];
        for (var i = 0; i < pixels.Length; i += 3)
        {
            var gray = (byte)(((77 * pixels[i]) + (150 * pixels[i + 1]) + (29 * pixels[i + 2])) >> 8);
            drawn.AsSpan(i, 3).Fill(gray);
        }

        var all = things.ToList();
        foreach (var thing in all.Where(thing => thing.Mask is not null))
        {
            Fill(drawn, thing.Mask!, Colors[thing.Class % Colors.Length]);
        }

        foreach (var (@class, name, box, _) in all)
        {
            Frame(drawn, box, Colors[@class % Colors.Length], name);
        }

        return new GridImage(drawn, width, height);
    }

    /// <summary>A patch of a class's color, for a legend.</summary>
    public static GridImage Patch(int @class, int side)
    {
        var color = Colors[@class % Colors.Length];
        return new GridImage(
            [.. Enumerable.Range(0, side * side).SelectMany(_ => new[] { Red(color), Green(color), Blue(color) })], side, side);
    }

    private static byte Red(int color) => (byte)(color >> 16);

    private static byte Green(int color) => (byte)(color >> 8);

    private static byte Blue(int color) => (byte)color;

    private int Source(int at, int count) => Math.Min(count - 1, (int)((at + 0.5) / scale));

    private void Fill(byte[] drawn, RunLength mask, int color)
    {
        var bitmap = mask.ToBitmap();
        for (var i = 0; i < width * height; i++)
        {
            if (bitmap[(Source(i / width, mask.Height) * mask.Width) + Source(i % width, mask.Width)] != 0)
            {
                Mix(drawn, i % width, i / width, color, MaskShare);
            }
        }
    }

    private void Frame(byte[] drawn, ImageBox box, int color, string name)
    {
        var (left, top) = ((int)(box.Left * scale), (int)(box.Top * scale));
        var (right, bottom) = ((int)Math.Ceiling(box.Right * scale) - 1, (int)Math.Ceiling(box.Bottom * scale) - 1);
        for (var x = left; x <= right; x++)
        {
            Mix(drawn, x, top, color, 1);
            Mix(drawn, x, bottom, color, 1);
        }

        for (var y = top; y <= bottom; y++)
        {
            Mix(drawn, left, y, color, 1);
            Mix(drawn, right, y, color, 1);
        }

        // Black on the color, within the corner: both themes and every image leave it to be read.
        for (var y = 0; y < PixelText.Height + 2; y++)
        {
            for (var x = 0; x < PixelText.Width(name) + 2; x++)
            {
                Mix(drawn, left + x, top + y, color, 1);
            }
        }

        PixelText.Draw(name, (x, y) => Mix(drawn, left + 1 + x, top + 1 + y, 0, 1));
    }

    private void Mix(byte[] drawn, int x, int y, int color, double share)
    {
        if (x < 0 || y < 0 || x >= width || y >= height)
        {
            return;
        }

        var at = 3 * ((y * width) + x);
        (drawn[at], drawn[at + 1], drawn[at + 2]) = (
            Blend(drawn[at], Red(color), share), Blend(drawn[at + 1], Green(color), share),
            Blend(drawn[at + 2], Blue(color), share));
    }

    private static byte Blend(byte below, byte above, double share) => (byte)(below + ((above - below) * share) + 0.5);
}
