using System.Globalization;
using KdNotebooks.Tasks;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>Numbers as colors between two ends, with the legend that says so.</summary>
/// <param name="Low">The number of the first color.</param>
/// <param name="High">The number of the last.</param>
/// <param name="Stops">RGB colors at equal distances.</param>
internal sealed record ColorScale(double Low, double High, IReadOnlyList<(byte R, byte G, byte B)> Stops)
{
    private static readonly (byte R, byte G, byte B) Unknown = (128, 128, 128);

    /// <summary>
    /// From dark to light in even steps of lightness, so that it reads without color too: viridis (Smith and van der
    /// Walt, matplotlib, CC0) at nine points.
    /// </summary>
    public static ColorScale Sequential(double low, double high) => new(low, high,
    [
        (68, 1, 84), (72, 40, 120), (62, 74, 137), (49, 104, 142), (38, 130, 142), (31, 158, 137), (74, 193, 109),
        (160, 218, 57), (253, 231, 37),
    ]);

    /// <summary>Blue below zero, light at zero, orange above.</summary>
    public static ColorScale Diverging(double size) => new(-size, size,
        [(5, 48, 97), (67, 147, 195), (247, 247, 247), (224, 130, 20), (127, 59, 8)]);

    /// <summary>The numbers as RGB pixels; gray for what is no number.</summary>
    public byte[] Paint(IEnumerable<float> values) => [.. values.SelectMany(value =>
    {
        var (r, g, b) = Of(value);
        return new[] { r, g, b };
    })];

    /// <summary>A bar from low to high with its numbers, as HTML.</summary>
    /// <param name="what">"maps": said before the bar.</param>
    public string Legend(string what)
    {
        var steps = Enumerable.Range(0, 96).Select(i => (float)(Low + ((High - Low) * i / 95)));
        var bar = new GridImage(Paint(steps), 96, 1);
        return HtmlText.Of($"<span class=\"kd-legend\">{what}: {Number(Low)} ")
            + $"<img alt=\"to\" width=\"96\" height=\"12\" src=\"{Pictures.DataUri(bar, 1)}\">"
            + HtmlText.Of($" {Number(High)}</span>");
    }

    private (byte R, byte G, byte B) Of(double value)
    {
        if (!double.IsFinite(value))
        {
            return Unknown;
        }

        var share = High > Low ? Math.Clamp((value - Low) / (High - Low), 0, 1) : 0.5;
        var at = share * (Stops.Count - 1);
        var first = Math.Min((int)at, Stops.Count - 2);
        var (one, other, way) = (Stops[first], Stops[first + 1], at - first);
        return (Mix(one.R, other.R, way), Mix(one.G, other.G, way), Mix(one.B, other.B, way));
    }

    private static byte Mix(byte one, byte other, double way) => (byte)Math.Round(one + ((other - one) * way));

    private static string Number(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}
