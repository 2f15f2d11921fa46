using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>
/// Operations on the bytes of an image in place, with Pillow's arithmetic (ImageEnhance, ImageOps, Image.transform): float32, cut and
/// not rounded where Pillow cuts.
/// </summary>
/// <param name="pixels">[C, H, W].</param>
/// <param name="channels">1 for gray, 3 for color.</param>
internal readonly ref struct PillowImage(Span<byte> pixels, int channels, ImageSize size)
{
    private readonly Span<byte> pixels = pixels;
    private readonly int plane = (int)size.Pixels;

    private bool IsColor => channels == 3;

    /// <summary>A mixture with black: 0 is black, 1 the image, above 1 brighter.</summary>
    public void Brightness(float factor)
    {
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = Blend(0, pixels[i], factor);
        }
    }

    /// <summary>A mixture with the mean gray of the image.</summary>
    public void Contrast(float factor)
    {
        var sum = 0L;
        for (var i = 0; i < plane; i++)
        {
            sum += Gray(i);
        }

        var mean = (int)(((double)sum / plane) + 0.5);
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = Blend(mean, pixels[i], factor);
        }
    }

    /// <summary>A mixture with the image in gray.</summary>
    public void Saturation(float factor)
    {
        for (var i = 0; IsColor && i < plane; i++)
        {
            var gray = Gray(i);
            for (var at = i; at < pixels.Length; at += plane)
            {
                pixels[at] = Blend(gray, pixels[at], factor);
            }
        }
    }

    /// <summary>Turns each color by a share of the circle; by way of bytes of hue, saturation and value.</summary>
    public void Hue(double by)
    {
        var turn = (byte)(int)(by * 255);
        for (var i = 0; IsColor && i < plane; i++)
        {
            var (hue, saturation, value) = Hsv(pixels[i], pixels[plane + i], pixels[(2 * plane) + i]);
            (pixels[i], pixels[plane + i], pixels[(2 * plane) + i]) = Rgb((byte)(hue + turn), saturation, value);
        }
    }

    /// <summary>A mixture with the image smoothed over 3x3 pixels; its edge stays.</summary>
    public void Sharpness(float factor)
    {
        const float One = 1f / 13, Middle = 5f / 13;
        var (height, width) = (size.Height, size.Width);
        Span<byte> smooth = new byte[plane];
        for (var start = 0; start < pixels.Length && height > 2 && width > 2; start += plane)
        {
            var image = pixels.Slice(start, plane);
            image.CopyTo(smooth);
            for (var y = 1; y < height - 1; y++)
            {
                for (var x = 1; x < width - 1; x++)
                {
                    var at = (y * width) + x;
                    var sum = 0.5f;
                    for (var row = at + width; row >= at - width; row -= width)
                    {
                        sum += (image[row - 1] * One) + (image[row] * (row == at ? Middle : One)) + (image[row + 1] * One);
                    }

                    smooth[at] = Byte(sum);
                }
            }

            for (var i = 0; i < plane; i++)
            {
                image[i] = Blend(smooth[i], image[i], factor);
            }
        }
    }

    /// <summary>Leaves the highest bits of each byte.</summary>
    public void Posterize(int bits)
    {
        var mask = (byte)~((1 << (8 - bits)) - 1);
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] &= mask;
        }
    }

    /// <summary>Turns what is not below a threshold around.</summary>
    public void Solarize(double threshold)
    {
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = pixels[i] < threshold ? pixels[i] : (byte)(255 - pixels[i]);
        }
    }

    /// <summary>Stretches each channel from its least to its greatest value.</summary>
    public void AutoContrast()
    {
        for (var start = 0; start < pixels.Length; start += plane)
        {
            var (low, high) = (255, 0);
            foreach (var value in pixels.Slice(start, plane))
            {
                (low, high) = (Math.Min(low, value), Math.Max(high, value));
            }

            var scale = 255.0 / Math.Max(high - low, 1);
            var offset = -low * scale;
            for (var i = start; high > low && i < start + plane; i++)
            {
                pixels[i] = (byte)Math.Clamp((int)((pixels[i] * scale) + offset), 0, 255);
            }
        }
    }

    /// <summary>Makes each channel's values about equally frequent.</summary>
    public void Equalize()
    {
        Span<int> counts = stackalloc int[256];
        Span<byte> table = stackalloc byte[256];
        for (var start = 0; start < pixels.Length; start += plane)
        {
            var image = pixels.Slice(start, plane);
            counts.Clear();
            var highest = 0;
            foreach (var value in image)
            {
                counts[value]++;
                highest = Math.Max(highest, value);
            }

            var step = (plane - counts[highest]) / 255;
            if (step == 0)
            {
                continue;
            }

            for (var (i, n) = (0, step / 2); i < 256; n += counts[i], i++)
            {
                table[i] = (byte)Math.Min(n / step, 255);
            }

            for (var i = 0; i < image.Length; i++)
            {
                image[i] = table[image[i]];
            }
        }
    }

    /// <summary>
    /// Pixel (x, y) becomes that at (a x + b y + c, d x + e y + f), the nearest; what lies outside is 0. In sixteenths of 2^20, as Pillow.
    /// </summary>
    public void Affine(double a, double b, double c, double d, double e, double f)
    {
        var (height, width) = (size.Height, size.Width);
        Span<byte> source = new byte[plane];
        for (var start = 0; start < pixels.Length; start += plane)
        {
            var image = pixels.Slice(start, plane);
            image.CopyTo(source);
            var (rowX, rowY) = (Fixed(c + (a * 0.5) + (b * 0.5)), Fixed(f + (d * 0.5) + (e * 0.5)));
            for (var y = 0; y < height; y++, rowX += Fixed(b), rowY += Fixed(e))
            {
                var (atX, atY) = (rowX, rowY);
                for (var x = 0; x < width; x++, atX += Fixed(a), atY += Fixed(d))
                {
                    var (fromX, fromY) = (atX >> 16, atY >> 16);
                    image[(y * width) + x] =
                        fromX >= 0 && fromX < width && fromY >= 0 && fromY < height ? source[(int)((fromY * width) + fromX)] : (byte)0;
                }
            }
        }
    }

    /// <summary>Turns the image around its middle, counter to the clock.</summary>
    public void Rotate(double degrees)
    {
        if (degrees == 0)
        {
            return;
        }

        var (cos, sin) = Portable.Turn(-degrees);
        (cos, sin) = (Math.Round(cos, 15), Math.Round(sin, 15));
        var (x, y) = (size.Width / 2.0, size.Height / 2.0);
        Affine(cos, sin, (cos * -x) + (sin * -y) + x, -sin, cos, (-sin * -x) + (cos * -y) + y);
    }

    private static long Fixed(double value) => (long)Math.Floor((value * 65536.0) + 0.5);

    private int Gray(int i) => IsColor
        ? ((pixels[i] * 19595) + (pixels[plane + i] * 38470) + (pixels[(2 * plane) + i] * 7471) + 0x8000) >> 16
        : pixels[i];

    private static byte Blend(int from, int to, float share) => Byte(from + (share * (to - from)));

    private static byte Byte(float value) => value <= 0 ? (byte)0 : value >= 255 ? (byte)255 : (byte)value;

    private static (byte Hue, byte Saturation, byte Value) Hsv(byte red, byte green, byte blue)
    {
        var (most, least) = (Math.Max(red, Math.Max(green, blue)), Math.Min(red, Math.Min(green, blue)));
        if (most == least)
        {
            return (0, 0, most);
        }

        var spread = (float)(most - least);
        var (r, g, b) = ((most - red) / spread, (most - green) / spread, (most - blue) / spread);
        var hue = red == most ? b - g : green == most ? (float)(2.0 + r - b) : (float)(4.0 + g - r);
        hue = (float)(((hue / 6.0) + 1.0) % 1.0);
        return ((byte)Math.Clamp((int)(hue * 255.0), 0, 255), (byte)Math.Clamp((int)(spread / most * 255.0), 0, 255), most);
    }

    private static (byte Red, byte Green, byte Blue) Rgb(byte hue, byte saturation, byte value)
    {
        if (saturation == 0)
        {
            return (value, value, value);
        }

        var at = hue * 6.0 / 255.0;
        var sixth = (int)Math.Floor(at);
        var (rest, s) = ((float)(at - sixth), (float)(saturation / 255.0));
        byte Part(double share) => (byte)Math.Clamp((int)Math.Round(value * (1.0 - share), MidpointRounding.AwayFromZero), 0, 255);
        var (p, q, t) = (Part(s), Part((float)(s * rest)), Part((float)(s * (1.0 - rest))));
        return (sixth % 6) switch
        {
            0 => (value, t, p),
            1 => (q, value, p),
            2 => (p, value, t),
            3 => (p, q, value),
            4 => (t, p, value),
            _ => (value, p, q),
        };
    }
}
