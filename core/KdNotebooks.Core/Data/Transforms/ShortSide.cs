using System.Text.Json.Serialization;
using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>
/// The whole image, its shorter side resized to one of some lengths, and mirrored half of the time: what detectors are
/// trained on. A pure function of seed, view and sample.
/// </summary>
/// <remarks>
/// mmdetection's and torchvision's rule: the shorter side gets the length, unless the longer one would then be longer than
/// it may be. Images are sampled between pixel centres, masks from the nearest pixel.
/// </remarks>
/// <param name="Sides">One is drawn for each view; several make it multi-scale. The default value null means 800.</param>
/// <param name="Longest">Of the longer side, in pixels. The default value is 1333.</param>
/// <param name="Flip">Whether half of the images are mirrored left to right. The default value is true.</param>
/// <param name="Views">
/// How many different images each sample has over the epochs; the default value 0 means a new one every epoch.
/// </param>
/// <param name="Seed">The default value null means the run's seed.</param>
public sealed record ShortSide(
    IReadOnlyList<int>? Sides = null, int Longest = 1333, bool Flip = true, int Views = 0, int? Seed = null) : IAugmentation
{
    // Keeps these numbers apart from those that other code draws from the same seed.
    private const ulong Tag = 0x53_48_52_54;
    private const int Usual = 800, Least = 8, Most = 8192;

    [JsonIgnore]
    public bool IsNone => false;

    [JsonIgnore]
    public string Key => $"short side {string.Join("/", All)}, longest {Longest}, flip {Flip}";

    private IReadOnlyList<int> All => Sides ?? [Usual];

    /// <summary>Known where there is one length and every image has one size.</summary>
    public ImageSize? SizeOf(ImageSize? image) => image is { } known && All.Count == 1 ? Of(known, All[0], Longest) : null;

    /// <summary>What an image is resized to.</summary>
    /// <param name="side">Of the shorter side, in pixels.</param>
    /// <param name="longest">Of the longer side, at most.</param>
    public static ImageSize Of(ImageSize image, int side, int longest)
    {
        var (low, high) = (Math.Min(image.Height, image.Width), Math.Max(image.Height, image.Width));
        var ratio = Math.Min((double)side / low, (double)longest / high);
        return new ImageSize(
            Math.Max(1, (int)((image.Height * ratio) + 0.5)), Math.Max(1, (int)((image.Width * ratio) + 0.5)));
    }

    public void RequireSound()
    {
        if (All.Count == 0 || All.Any(side => side is < Least or > Most) || Longest is < Least or > Most || Views < 0)
        {
            throw new KdException(
                $"ShortSide: sides [{string.Join(", ", All)}], longest {Longest}, {Views} views; expected at least one side, "
                + $"{Least} to {Most} pixels each, and views of at least 0.");
        }
    }

    public Sample Apply(Sample sample, Draw draw)
    {
        RequireSound();
        var random = draw.Random(Tag);
        // Both are drawn always, so that to switch one off leaves the other as it was.
        var side = All[random.NextInt(All.Count)];
        var mirrored = random.NextBool() && Flip;
        var size = Of(sample.Size, side, Longest);
        var window = ImageWindow.Crop(sample.Size, size, 0, 0, size, mirrored);
        var pixels = draw.Pixels(checked(sample.Channels * (int)size.Pixels));
        window.Image(sample.Pixels.Span, pixels.Span, new byte[sample.Channels]);
        return new Sample(
            sample.Name, sample.Channels, size, pixels,
            sample.Target.HasPlaces ? sample.Target.Through(window) : sample.Target);
    }

    // By content: a record compares its lists by reference.
    public bool Equals(ShortSide? other) => other is not null && All.SequenceEqual(other.All) && Longest == other.Longest
        && Flip == other.Flip && Views == other.Views && Seed == other.Seed;

    public override int GetHashCode() => HashCode.Combine(All.Count, Longest, Flip, Views, Seed);
}
