using System.Globalization;
using System.Text.Json.Serialization;
using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>
/// Brightness, contrast, saturation and hue, each by a random factor, in random order: torchvision's <c>ColorJitter</c>, with the
/// arithmetic of Pillow images (a pixel is a byte again after each). A pure function of seed, view and sample.
/// </summary>
/// <param name="Brightness">Factors of 1 minus to 1 plus this, not below 0. The default value 0 changes nothing.</param>
/// <param name="Contrast">Likewise.</param>
/// <param name="Saturation">Likewise; of gray images nothing changes.</param>
/// <param name="Hue">By minus to plus this share of the circle, up to 0.5. The default value 0 changes nothing.</param>
/// <param name="Views">
/// How many different images each sample has over the epochs; the default value 0 means a new one every epoch.
/// </param>
/// <param name="Seed">The default value null means the run's seed.</param>
public sealed record ColorJitter(
    double Brightness = 0, double Contrast = 0, double Saturation = 0, double Hue = 0, int Views = 0, int? Seed = null)
    : IAugmentation
{
    // Keeps these numbers apart from those that other code draws from the same seed.
    private const ulong Tag = 0x43_4A_49_54;
    private const double Most = 16;

    [JsonIgnore]
    public bool IsNone => (Brightness, Contrast, Saturation, Hue) == (0, 0, 0, 0);

    [JsonIgnore]
    public string Key => string.Create(
        CultureInfo.InvariantCulture, $"brightness {Brightness}, contrast {Contrast}, saturation {Saturation}, hue {Hue}");

    public void RequireSound()
    {
        if (new[] { Brightness, Contrast, Saturation }.Any(value => value is not (>= 0 and <= Most)) || Hue is not (>= 0 and <= 0.5)
            || Views < 0)
        {
            throw new KdException(
                $"ColorJitter: {Key}, {Views} views; expected 0 to {Most} each, a hue of 0 to 0.5, and at least 0 views.");
        }
    }

    public Sample Apply(Sample sample, Draw draw)
    {
        RequireSound();
        var pixels = draw.Pixels(sample.Pixels.Length);
        sample.Pixels.CopyTo(pixels);
        var dice = new Dice(draw.Random(Tag));
        // All is drawn always, in this order.
        Span<int> order = [0, 1, 2, 3];
        for (var last = order.Length - 1; last > 0; last--)
        {
            var other = dice.Below(last + 1);
            (order[last], order[other]) = (order[other], order[last]);
        }

        ReadOnlySpan<double> by =
        [
            Factor(dice, Brightness), Factor(dice, Contrast), Factor(dice, Saturation), dice.Between(-Hue, Hue),
        ];
        var image = new PillowImage(pixels.Span, sample.Channels, sample.Size);
        foreach (var step in order)
        {
            switch (step)
            {
                case 0 when Brightness > 0: image.Brightness((float)by[0]); break;
                case 1 when Contrast > 0: image.Contrast((float)by[1]); break;
                case 2 when Saturation > 0: image.Saturation((float)by[2]); break;
                case 3 when Hue > 0: image.Hue(by[3]); break;
                default: break;
            }
        }

        return new Sample(sample.Name, sample.Channels, sample.Size, pixels, sample.Target);
    }

    private static double Factor(Dice dice, double range) => dice.Between(Math.Max(1 - range, 0), 1 + range);
}
