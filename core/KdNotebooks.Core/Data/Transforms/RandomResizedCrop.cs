using System.Globalization;
using System.Text.Json.Serialization;
using KdNotebooks.Data.Formats;
using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>
/// A part of the image of random area and shape, resized to one size, and mirrored half of the time: what classifiers are trained
/// on. A pure function of seed, view and sample. Szegedy et al. 2015 (arXiv:1409.4842), section 6; torchvision's
/// <c>RandomResizedCrop</c> and <c>RandomHorizontalFlip</c>.
/// </summary>
/// <remarks>
/// Ten tries of an area and an aspect ratio, the latter even in its logarithm; where none fits into the image, the largest crop in
/// its middle whose ratio is allowed. Pixels are Pillow's, antialiased and bilinear, to the bit. Of a set of files only the crop
/// is unpacked; of a JPEG whose crop has four times the result's sides or more, at a half, a quarter or an eighth of its size,
/// which leaves two pixels or more for one of the result (datasets.md says how far pixels then differ).
/// </remarks>
/// <param name="Size">Height and width of the result in pixels. The default value is 224.</param>
/// <param name="MinScale">The smallest share of the image's area. The default value is 0.08.</param>
/// <param name="MaxScale">The largest share. The default value is 1.</param>
/// <param name="MinRatio">The smallest width over height. The default value is 3/4.</param>
/// <param name="MaxRatio">The largest. The default value is 4/3.</param>
/// <param name="Flip">Whether half of the images are mirrored left to right. The default value is true.</param>
/// <param name="Views">
/// How many different images each sample has over the epochs; the default value 0 means a new one every epoch.
/// </param>
/// <param name="Seed">The default value null means the run's seed.</param>
public sealed record RandomResizedCrop(
    int Size = 224, double MinScale = 0.08, double MaxScale = 1, double MinRatio = 3.0 / 4, double MaxRatio = 4.0 / 3,
    bool Flip = true, int Views = 0, int? Seed = null) : IPictureAugmentation
{
    // Keeps these numbers apart from those that other code draws from the same seed.
    private const ulong Tag = 0x52_52_43_50;
    private const int Tries = 10, MostSize = 8192;

    [JsonIgnore]
    public bool IsNone => false;

    [JsonIgnore]
    public string Key => string.Create(
        CultureInfo.InvariantCulture,
        $"random resized crop {Size}, scale {MinScale} to {MaxScale}, ratio {MinRatio} to {MaxRatio}, flip {Flip}");

    private ImageSize Result => new(Size, Size);

    public ImageSize? SizeOf(ImageSize? image) => Result;

    public Sample Apply(Sample sample, Draw draw)
    {
        RequireSound();
        if (sample.Channels is not (1 or 3))
        {
            throw new KdException(
                $"{nameof(RandomResizedCrop)}: {sample.Name} has {sample.Channels} channels; expected one or three.");
        }

        var (crop, mirrored) = Choose(sample.Size, draw);
        var target = sample.Target.HasPlaces
            ? sample.Target.Through(ImageWindow.Part(sample.Size, crop, Result, mirrored))
            : sample.Target;
        using var part = PixelPart.OfPlanes(sample.Pixels.Span, sample.Channels, sample.Size);
        return Write(part, crop, mirrored, draw, (sample.Name, sample.Channels, target));
    }

    Sample IPictureAugmentation.Apply(PictureSample sample, Draw draw)
    {
        RequireSound();
        var (crop, mirrored) = Choose(sample.Picture.Size, draw);
        using var part = sample.Picture.Unpack(crop, sample.Picture.Reduction(crop, Result));
        var target = sample.Target.HasPlaces
            ? sample.Target.Through(ImageWindow.Part(sample.Picture.Size, crop, Result, mirrored))
            : sample.Target;
        return Write(part, crop, mirrored, draw, (sample.Name, 3, target));
    }

    public void RequireSound()
    {
        if (Size is < 1 or > MostSize || !(MinScale > 0 && MinScale <= MaxScale && MaxScale <= 1)
            || !(MinRatio > 0 && MinRatio <= MaxRatio && MaxRatio < double.PositiveInfinity) || Views < 0)
        {
            throw new KdException(string.Create(
                CultureInfo.InvariantCulture,
                $"RandomResizedCrop: size {Size}, scale {MinScale} to {MaxScale}, ratio {MinRatio} to {MaxRatio}, {Views} views; "
                + $"expected 1 to {MostSize} pixels, scales above 0 and up to 1 and ratios above 0, the smaller first, and at least 0 "
                + $"views."));
        }
    }

    /// <summary>The crop and whether it is mirrored.</summary>
    internal (PixelRect Crop, bool Mirrored) Choose(ImageSize image, Draw draw)
    {
        var dice = new Dice(draw.Random(Tag));
        var mirrored = dice.Chance(0.5) && Flip;
        var (low, high) = (Portable.Log(MinRatio), Portable.Log(MaxRatio));
        for (var again = 0; again < Tries; again++)
        {
            var area = image.Pixels * dice.Between(MinScale, MaxScale);
            var ratio = Portable.Exp(dice.Between(low, high));
            var (width, height) = (Math.Round(Math.Sqrt(area * ratio)), Math.Round(Math.Sqrt(area / ratio)));
            if (width > 0 && width <= image.Width && height > 0 && height <= image.Height)
            {
                var top = dice.Below(image.Height - (int)height + 1);
                return (new PixelRect(dice.Below(image.Width - (int)width + 1), top, (int)width, (int)height), mirrored);
            }
        }

        return (Middle(image), mirrored);
    }

    private PixelRect Middle(ImageSize image)
    {
        var ratio = (double)image.Width / image.Height;
        var (width, height) = ratio < MinRatio ? (image.Width, (int)Math.Round(image.Width / MinRatio))
            : ratio > MaxRatio ? ((int)Math.Round(image.Height * MaxRatio), image.Height)
            : (image.Width, image.Height);
        (width, height) = (Math.Clamp(width, 1, image.Width), Math.Clamp(height, 1, image.Height));
        return new PixelRect((image.Width - width) / 2, (image.Height - height) / 2, width, height);
    }

    private Sample Write(
        PixelPart part, PixelRect crop, bool mirrored, Draw draw, (string Name, int Channels, ITarget Target) of)
    {
        var pixels = draw.Pixels(of.Channels * Size * Size);
        Antialias.Resize(part, crop, Result, PixelRect.Of(Result), mirrored, pixels.Span, of.Channels);
        return new Sample(of.Name, of.Channels, Result, pixels, of.Target);
    }
}
