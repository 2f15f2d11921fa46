using KdNotebooks.Runtime;

namespace KdNotebooks.Datasets;

/// <summary>A color, or a light; each part 0 to 255, and beyond while it is worked with.</summary>
internal readonly record struct Rgb(double Red, double Green, double Blue)
{
    public static Rgb operator *(Rgb color, double by) => new(color.Red * by, color.Green * by, color.Blue * by);

    /// <param name="t">0 gives this color, 1 the other.</param>
    public Rgb Towards(Rgb other, double t) => new(
        Red + ((other.Red - Red) * t), Green + ((other.Green - Green) * t), Blue + ((other.Blue - Blue) * t));

    /// <summary>Any hue, with saturation and value out of these ranges, 0 to 1.</summary>
    public static Rgb Draw(Dice dice, double lowSaturation, double highSaturation, double lowValue, double highValue)
    {
        var hue = dice.Between(0, 6);
        var saturation = dice.Between(lowSaturation, highSaturation);
        var value = 255 * dice.Between(lowValue, highValue);
        return new Rgb(Part(5), Part(3), Part(1));

        // The part of a hue, 0 to 6 around the circle, without a case for each sixth.
        double Part(int from)
        {
            var k = (from + hue) % 6;
            return value * (1 - (saturation * Math.Max(0, Math.Min(1, Math.Min(k, 4 - k)))));
        }
    }
}
