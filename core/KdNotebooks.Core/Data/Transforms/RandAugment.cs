using System.Text.Json.Serialization;
using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>
/// Some of fourteen operations on shape and color, drawn at random, all of one strength. Cubuk et al. 2019 (arXiv:1909.13719);
/// operations and strengths are those of torchvision's <c>RandAugment</c>, with the arithmetic of Pillow images. A pure function of
/// seed, view and sample.
/// </summary>
/// <remarks>For images whose target says nothing of places. Pixels that come in from outside are 0; places are the nearest pixel's.</remarks>
/// <param name="Operations">How many of them, one behind the other. The default value is 2.</param>
/// <param name="Magnitude">Their strength, 0 to 30. The default value is 9.</param>
/// <param name="Views">
/// How many different images each sample has over the epochs; the default value 0 means a new one every epoch.
/// </param>
/// <param name="Seed">The default value null means the run's seed.</param>
public sealed record RandAugment(int Operations = 2, int Magnitude = 9, int Views = 0, int? Seed = null) : IAugmentation
{
    // Keeps these numbers apart from those that other code draws from the same seed.
    private const ulong Tag = 0x52_41_55_47;
    private const int Strongest = 30, MostOperations = 16;

    /// <summary>In torchvision's order.</summary>
    internal enum Operation
    {
        Identity, ShearX, ShearY, TranslateX, TranslateY, Rotate, Brightness, Color, Contrast, Sharpness, Posterize, Solarize,
        AutoContrast, Equalize,
    }

    [JsonIgnore]
    public bool IsNone => Operations == 0;

    [JsonIgnore]
    public string Key => $"RandAugment of {Operations} operations, magnitude {Magnitude}";

    public void RequireSound()
    {
        if (Operations is < 0 or > MostOperations || Magnitude is < 0 or > Strongest || Views < 0)
        {
            throw new KdException(
                $"RandAugment: {Operations} operations of magnitude {Magnitude}, {Views} views; expected 0 to {MostOperations}, 0 to "
                + $"{Strongest}, and at least 0 views.");
        }
    }

    public Sample Apply(Sample sample, Draw draw)
    {
        RequireSound();
        if (sample.Target.HasPlaces || sample.Channels is not (1 or 3))
        {
            throw new KdException(
                $"RandAugment: {sample.Name} has {sample.Channels} channel(s) and {(sample.Target.HasPlaces ? "a target in places" : "a class")}; "
                + "expected one or three, and a target that says nothing of places.");
        }

        var pixels = draw.Pixels(sample.Pixels.Length);
        sample.Pixels.CopyTo(pixels);
        var dice = new Dice(draw.Random(Tag));
        for (var i = 0; i < Operations; i++)
        {
            // Both are drawn always.
            var operation = (Operation)dice.Below(Enum.GetValues<Operation>().Length);
            Apply(pixels.Span, sample.Channels, sample.Size, operation, Magnitude, negative: dice.Chance(0.5));
        }

        return new Sample(sample.Name, sample.Channels, sample.Size, pixels, sample.Target);
    }

    /// <param name="pixels">[C, H, W], changed in place.</param>
    /// <param name="negative">Of operations that have two directions.</param>
    internal static void Apply(Span<byte> pixels, int channels, ImageSize size, Operation operation, int magnitude, bool negative)
    {
        var image = new PillowImage(pixels, channels, size);
        var share = (double)magnitude / Strongest;
        var sign = negative ? -1 : 1;
        var enhanced = (float)(1 + (sign * 0.9 * share));
        switch (operation)
        {
            case Operation.ShearX: image.Affine(1, sign * 0.3 * share, 0, 0, 1, 0); break;
            case Operation.ShearY: image.Affine(1, 0, 0, sign * 0.3 * share, 1, 0); break;
            case Operation.TranslateX: image.Affine(1, 0, -sign * (int)(150.0 / 331 * size.Width * share), 0, 1, 0); break;
            case Operation.TranslateY: image.Affine(1, 0, 0, 0, 1, -sign * (int)(150.0 / 331 * size.Height * share)); break;
            case Operation.Rotate: image.Rotate(sign * 30 * share); break;
            case Operation.Brightness: image.Brightness(enhanced); break;
            case Operation.Color: image.Saturation(enhanced); break;
            case Operation.Contrast: image.Contrast(enhanced); break;
            case Operation.Sharpness: image.Sharpness(enhanced); break;
            case Operation.Posterize: image.Posterize(8 - (int)Math.Round(4 * share)); break;
            case Operation.Solarize: image.Solarize(255 * (1 - share)); break;
            case Operation.AutoContrast: image.AutoContrast(); break;
            case Operation.Equalize: image.Equalize(); break;
            default: break;
        }
    }
}
