using System.Globalization;
using System.Text.Json.Serialization;
using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>
/// Random size, crop, mirror image and colors of a color image, as a pure function of seed, view and sample. The steps
/// and numbers are mmsegmentation's for Cityscapes.
/// </summary>
/// <remarks>
/// The resized image is never made: the crop is sampled out of the original, images between pixel centres, labels and
/// masks from the nearest pixel. Where the resized image is smaller than the crop, pixels at the right and the bottom
/// are <see cref="Fill"/> and ignored.
/// </remarks>
/// <param name="CropHeight">Of the result, in pixels; 0, the default value, means the image's own height.</param>
/// <param name="CropWidth">Of the result, in pixels; 0, the default value, means the image's own width.</param>
/// <param name="MinRatio">The smallest factor of the size. The default value is 0.5.</param>
/// <param name="MaxRatio">The largest factor of the size; not above 16. The default value is 2.</param>
/// <param name="MaxClassShare">
/// A crop in which one class has this share of the labelled pixels, or more, is drawn again, ten times at most; 1 takes
/// any. The default value is 0.75.
/// </param>
/// <param name="Flip">Whether half of the images are mirrored left to right. The default value is true.</param>
/// <param name="Distort">Whether <see cref="ColorDistortion"/> changes the colors. The default value is true.</param>
/// <param name="Views">
/// How many different images each sample has over the epochs; the default value 0 means a new one every epoch.
/// </param>
/// <param name="Seed">The default value null means the run's seed.</param>
public sealed record ResizedCrop(
    int CropHeight = 0, int CropWidth = 0, double MinRatio = 0.5, double MaxRatio = 2, double MaxClassShare = 0.75,
    bool Flip = true, bool Distort = true, int Views = 0, int? Seed = null) : IAugmentation
{
    // Keep these numbers apart from those that other code draws from the same seed, and colors from places.
    private const ulong Tag = 0x44_41_55_47, ColorTag = 0x44_43_4F_4C;
    private const int Tries = 10;

    /// <summary>Leaves images as they are.</summary>
    public static ResizedCrop None { get; } = new(0, 0, 1, 1, 1, false, false);

    /// <summary>Red, green and blue of padding: ImageNet's mean, which normalization brings to about zero.</summary>
    public static IReadOnlyList<byte> Fill { get; } = [124, 116, 104];

    /// <summary>Whether every view of an image is the image itself.</summary>
    [JsonIgnore]
    public bool IsNone => this with { Views = 0, Seed = null, MaxClassShare = 1 } == None;

    [JsonIgnore]
    public string Key => string.Create(
        CultureInfo.InvariantCulture,
        $"crop {CropHeight}x{CropWidth}, ratio {MinRatio} to {MaxRatio}, class share {MaxClassShare}, flip {Flip}, distort "
        + $"{Distort}");

    public ImageSize? SizeOf(ImageSize? image) => IsNone ? image
        : CropHeight > 0 && CropWidth > 0 ? new ImageSize(CropHeight, CropWidth)
        : image is { } known
            ? new ImageSize(CropHeight > 0 ? CropHeight : known.Height, CropWidth > 0 ? CropWidth : known.Width)
            : null;

    /// <summary>One view of one sample, of the crop's size.</summary>
    /// <exception cref="KdException">An option is out of its range, or the image has no colors.</exception>
    public Sample Apply(Sample sample, Draw draw)
    {
        RequireSound();
        if (IsNone)
        {
            return sample;
        }

        if (sample.Channels != Fill.Count)
        {
            throw new KdException(
                $"{nameof(ResizedCrop)}: {sample.Name} has {sample.Channels} channel(s); expected the three of a color "
                + "image. For gray images take crops after padding (`augment (crop 2 |> flip)`).");
        }

        var window = Choose(sample, new Dice(draw.Random(Tag)));
        var image = draw.Pixels(Fill.Count * window.Height * window.Width);
        window.Image(sample.Pixels.Span, image.Span, Fill);
        if (Distort)
        {
            ColorDistortion.Apply(image.Span, new Dice(draw.Random(ColorTag)));
        }

        return new Sample(
            sample.Name, sample.Channels, new ImageSize(window.Height, window.Width), image,
            sample.Target.HasPlaces ? sample.Target.Through(window) : sample.Target);
    }

    // All is drawn always, so that to switch one step off leaves the others as they were.
    private ImageWindow Choose(Sample sample, Dice dice)
    {
        var ratio = dice.Between(MinRatio, MaxRatio);
        var mirrored = dice.Chance(0.5) && Flip;
        var resized = new ImageSize(
            Math.Max(1, (int)((sample.Height * ratio) + 0.5)), Math.Max(1, (int)((sample.Width * ratio) + 0.5)));
        var crop = new ImageSize(
            CropHeight == 0 ? sample.Height : CropHeight, CropWidth == 0 ? sample.Width : CropWidth);
        ImageWindow Crop() => ImageWindow.Crop(
            sample.Size, resized, dice.Below(Math.Max(resized.Height - crop.Height, 0) + 1),
            dice.Below(Math.Max(resized.Width - crop.Width, 0) + 1), crop, mirrored);
        var window = Crop();
        for (var again = 0; again < Tries && MaxClassShare < 1 && TooPlain(window, sample.Target); again++)
        {
            window = Crop();
        }

        return window;
    }

    // One class alone is too plain whatever the limit.
    private bool TooPlain(ImageWindow window, ITarget target) =>
        target is IPixelClasses classes && classes.LargestShare(window) is var share
        && (share >= 1 || share >= MaxClassShare);

    /// <exception cref="KdException">An option is out of its range.</exception>
    public void RequireSound()
    {
        if (CropHeight < 0 || CropWidth < 0 || MinRatio is not (> 0 and <= 16)
            || !(MaxRatio >= MinRatio && MaxRatio <= 16) || MaxClassShare is not (> 0 and <= 1) || Views < 0)
        {
            throw new KdException(
                $"{this}: expected a crop of at least 0x0, ratios above 0 and up to 16 with the smaller first, a "
                + "largest share of a class above 0 and up to 1, and at least 0 views.");
        }
    }
}
