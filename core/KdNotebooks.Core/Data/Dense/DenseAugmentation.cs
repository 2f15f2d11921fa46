using KdNotebooks.Runtime;

namespace KdNotebooks.Data.Dense;

/// <summary>
/// Random size, crop, mirror image and colors of an image with its label map and masks, as a pure function of seed,
/// view and sample, as <see cref="Augmentation"/> is. The steps and numbers are mmsegmentation's for Cityscapes.
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
public sealed record DenseAugmentation(
    int CropHeight = 0, int CropWidth = 0, double MinRatio = 0.5, double MaxRatio = 2, double MaxClassShare = 0.75,
    bool Flip = true, bool Distort = true, int Views = 0, int? Seed = null) : IAugmentation
{
    // Keep these numbers apart from those that other code draws from the same seed, and colors from places.
    private const ulong Tag = 0x44_41_55_47, ColorTag = 0x44_43_4F_4C;
    private const int Tries = 10;

    /// <summary>Leaves images as they are.</summary>
    public static DenseAugmentation None { get; } = new(0, 0, 1, 1, 1, false, false);

    /// <summary>Red, green and blue of padding: ImageNet's mean, which normalization brings to about zero.</summary>
    public static IReadOnlyList<byte> Fill { get; } = [124, 116, 104];

    /// <summary>Whether every view of an image is the image itself.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsNone => this with { Views = 0, Seed = null, MaxClassShare = 1 } == None;

    /// <summary>The view that an epoch uses, from 0; always 0 where nothing is changed.</summary>
    /// <param name="epoch">Counted from 1.</param>
    public int View(int epoch)
    {
        if (epoch < 1)
        {
            throw new KdException($"DenseAugmentation: epoch {epoch} came; epochs are counted from 1.");
        }

        return IsNone ? 0 : Views == 0 ? epoch - 1 : (epoch - 1) % Views;
    }

    /// <summary>One view of one sample.</summary>
    /// <param name="seed">The run's seed; not used where <see cref="Seed"/> is given.</param>
    /// <param name="view">From <see cref="View"/>.</param>
    /// <param name="sampleIndex">The sample's index in its set.</param>
    /// <returns>Of the crop's size. Instances of which nothing is seen any more are left out.</returns>
    /// <exception cref="KdException">An option is out of its range.</exception>
    public DenseSample Apply(DenseSample sample, long seed, int view, int sampleIndex)
    {
        RequireSound();
        if (IsNone)
        {
            return sample;
        }

        ulong[] keys = [(ulong)(Seed ?? seed), (ulong)view, (ulong)sampleIndex];
        var window = Choose(sample, new Dice(RandomStream.Of([Tag, .. keys])));
        var image = window.Image(sample.Image, Fill);
        if (Distort)
        {
            ColorDistortion.Apply(image, new Dice(RandomStream.Of([ColorTag, .. keys])));
        }

        return new DenseSample(
            sample.Name, window.Height, window.Width, image, window.Nearest(sample.Labels, LabelTable.Ignored),
            [.. sample.Instances.Select(instance => DenseInstance.Of(
                instance.Class, window.Nearest(instance.Mask, 0), window.Width)).OfType<DenseInstance>()]);
    }

    // All is drawn always, so that to switch one step off leaves the others as they were.
    private SampleWindow Choose(DenseSample sample, Dice dice)
    {
        var ratio = dice.Between(MinRatio, MaxRatio);
        var mirrored = dice.Chance(0.5) && Flip;
        var height = Math.Max(1, (int)((sample.Height * ratio) + 0.5));
        var width = Math.Max(1, (int)((sample.Width * ratio) + 0.5));
        var (cropHeight, cropWidth) = (CropHeight == 0 ? sample.Height : CropHeight,
            CropWidth == 0 ? sample.Width : CropWidth);
        SampleWindow Draw() => new(
            SampleAxis.Of(sample.Height, height, dice.Below(Math.Max(height - cropHeight, 0) + 1), cropHeight, false),
            SampleAxis.Of(sample.Width, width, dice.Below(Math.Max(width - cropWidth, 0) + 1), cropWidth, mirrored));
        var window = Draw();
        for (var again = 0; again < Tries && MaxClassShare < 1 && TooPlain(window, sample.Labels); again++)
        {
            window = Draw();
        }

        return window;
    }

    private bool TooPlain(SampleWindow window, byte[] labels)
    {
        Span<int> counts = stackalloc int[256];
        counts.Clear();
        foreach (var label in window.Nearest(labels, LabelTable.Ignored))
        {
            counts[label]++;
        }

        counts[LabelTable.Ignored] = 0;
        var (most, all) = (0, 0);
        foreach (var count in counts)
        {
            (most, all) = (Math.Max(most, count), all + count);
        }

        return most == all || most >= MaxClassShare * all; // one class alone is too plain whatever the limit
    }

    /// <exception cref="KdException">An option is out of its range.</exception>
    internal void RequireSound()
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
