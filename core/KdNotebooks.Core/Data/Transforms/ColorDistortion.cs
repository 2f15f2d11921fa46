using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>
/// mmsegmentation's photometric distortion: brightness, contrast (before or after what follows), saturation and hue,
/// each of them in half of the images. Liu et al. 2016 (arXiv:1512.02325), section 3.6, had it first.
/// </summary>
/// <remarks>
/// After each step a pixel is a byte again, as there; hue is worked with in 360 degrees, there in 180 steps.
/// </remarks>
internal static class ColorDistortion
{
    private const double Brightness = 32, LeastContrast = 0.5, MostContrast = 1.5;
    private const double LeastSaturation = 0.5, MostSaturation = 1.5, Hue = 36;

    /// <param name="image">[3, H, W], changed in place.</param>
    public static void Apply(Span<byte> image, Dice dice)
    {
        // All is drawn always, in this order.
        var brightness = dice.Chance(0.5) ? dice.Between(-Brightness, Brightness) : 0;
        var contrastFirst = dice.Chance(0.5);
        var contrast = dice.Chance(0.5) ? dice.Between(LeastContrast, MostContrast) : 1;
        var saturation = dice.Chance(0.5) ? dice.Between(LeastSaturation, MostSaturation) : 1;
        var hue = dice.Chance(0.5) ? dice.Between(-Hue, Hue) : 0;
        Scale(image, 1, brightness);
        Scale(image, contrastFirst ? contrast : 1, 0);
        if (saturation != 1 || hue != 0)
        {
            Recolor(image, saturation, hue);
        }

        Scale(image, contrastFirst ? 1 : contrast, 0);
    }

    private static void Scale(Span<byte> image, double by, double plus)
    {
        for (var i = 0; (by != 1 || plus != 0) && i < image.Length; i++)
        {
            image[i] = Byte((image[i] * by) + plus);
        }
    }

    private static void Recolor(Span<byte> image, double saturation, double hue)
    {
        var size = image.Length / 3;
        for (var i = 0; i < size; i++)
        {
            var (red, green, blue) = (image[i], image[size + i], image[(2 * size) + i]);
            var (value, least) = (Math.Max(red, Math.Max(green, blue)), Math.Min(red, Math.Min(green, blue)));
            if (value == least)
            {
                continue; // gray has no hue, and stays gray
            }

            var spread = (double)(value - least);
            var turn = value == red ? (green - blue) / spread
                : value == green ? 2 + ((blue - red) / spread)
                : 4 + ((red - green) / spread);
            turn += (hue / 60) + 6; // sixths of the circle, above 0
            var chroma = value * Math.Min(spread / value * saturation, 1);
            image[i] = Part(5);
            image[size + i] = Part(3);
            image[(2 * size) + i] = Part(1);

            byte Part(int from)
            {
                var k = (from + turn) % 6;
                return Byte(value - (chroma * Math.Max(0, Math.Min(1, Math.Min(k, 4 - k)))));
            }
        }
    }

    private static byte Byte(double value) => (byte)Math.Min(Math.Max(value + 0.5, 0), 255);
}
