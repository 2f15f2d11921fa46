using System.Globalization;
using System.Text.Json.Serialization;
using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>
/// Mixes each image of a batch with the one before it, and what is to be learned likewise: mixup (Zhang et al. 2017,
/// arXiv:1710.09412), a weighted mean of both, or CutMix (Yun et al. 2019, arXiv:1905.04899), a rectangle of the other. One share for a
/// batch, Beta(alpha, alpha), as torchvision's references have it. A function of seed, pass and number of the batch.
/// </summary>
/// <remarks>
/// The last step of a chain: it takes batches when they are made, and does nothing to a single image. Teacher and student see the mixed
/// image; a cache of teacher features is refused, for no mixture comes again. Means are rounded to bytes.
/// </remarks>
/// <param name="MixUp">Alpha of mixup, up to 4; the default value 0 means none.</param>
/// <param name="CutMix">
/// Alpha of CutMix, up to 4; the default value 0 means none. Where both are above 0, each batch has one of them by chance.
/// </param>
/// <param name="Probability">The share of batches that are mixed. The default value is 1.</param>
public sealed record BatchMix(double MixUp = 0, double CutMix = 0, double Probability = 1) : IBatchAugmentation
{
    // Keeps these numbers apart from those that other code draws from the same seed.
    private const ulong Tag = 0x42_4D_49_58;
    private const double Most = 4;

    [JsonIgnore]
    public int Views => 0;

    [JsonIgnore]
    public int? Seed => null;

    [JsonIgnore]
    public bool IsNone => (MixUp == 0 && CutMix == 0) || Probability == 0;

    [JsonIgnore]
    public string Key => string.Create(CultureInfo.InvariantCulture, $"mixup {MixUp}, CutMix {CutMix}, probability {Probability}");

    public Sample Apply(Sample sample, Draw draw) => sample;

    public void RequireSound()
    {
        if (MixUp is not (>= 0 and <= Most) || CutMix is not (>= 0 and <= Most) || Probability is not (>= 0 and <= 1))
        {
            throw new KdException($"BatchMix: {Key}; expected alphas of 0 to {Most} and a probability of 0 to 1.");
        }
    }

    public PixelBatch Apply(PixelBatch batch, Draw draw)
    {
        RequireSound();
        var dice = new Dice(draw.Random(Tag));
        if (!dice.Chance(Probability) || IsNone || batch.Count < 2)
        {
            return batch;
        }

        var cut = CutMix > 0 && (MixUp == 0 || dice.Chance(0.5));
        var share = dice.Beta(cut ? CutMix : MixUp);
        if (!cut)
        {
            return Mixed(batch, share, (image, other) => Mean(image, other, (float)share));
        }

        var (height, width) = (batch.Size.Height, batch.Size.Width);
        var (middleX, middleY, half) = (dice.Below(width), dice.Below(height), 0.5 * Math.Sqrt(1 - share));
        var (left, right) = (Math.Max(middleX - (int)(half * width), 0), Math.Min(middleX + (int)(half * width), width));
        var (top, bottom) = (Math.Max(middleY - (int)(half * height), 0), Math.Min(middleY + (int)(half * height), height));
        var kept = 1 - ((double)(right - left) * (bottom - top) / (width * height));
        return Mixed(batch, kept, (image, other) =>
        {
            for (var row = 0; row < batch.Channels * height; row++)
            {
                if (row % height >= top && row % height < bottom)
                {
                    other.Slice((row * width) + left, right - left).CopyTo(image[((row * width) + left)..]);
                }
            }
        });
    }

    private delegate void Mixer(Span<byte> image, ReadOnlySpan<byte> other);

    private static PixelBatch Mixed(PixelBatch batch, double share, Mixer mix)
    {
        if (batch.Sizes.Any(size => size != batch.Size))
        {
            throw new KdException(
                $"BatchMix: images of {batch.Sizes.First(size => size != batch.Size)} and {batch.Size} pixels in a batch; expected one size. Take crops "
                + "of one size before it (`Photo.crop 224`).");
        }

        var targets = batch.Targets.Select((target, i) =>
        {
            var other = batch.Targets[(i + batch.Count - 1) % batch.Count];
            return target is IMixable mixable ? mixable.MixedWith(other, (float)share) : throw new KdException(
                $"BatchMix: what is to be learned of these images ({target.GetType().Name}) cannot be mixed; expected a class for each.");
        }).ToList();
        var (pixels, bytes) = (batch.Pixels.ToArray(), batch.Pixels.Length / batch.Count);
        for (var i = 0; i < batch.Count; i++)
        {
            mix(pixels.AsSpan(i * bytes, bytes), batch.Pixels.Span.Slice((i + batch.Count - 1) % batch.Count * bytes, bytes));
        }

        return batch.With(pixels, targets);
    }

    private static void Mean(Span<byte> image, ReadOnlySpan<byte> other, float share)
    {
        for (var i = 0; i < image.Length; i++)
        {
            image[i] = (byte)((image[i] * share) + (other[i] * (1 - share)) + 0.5f);
        }
    }
}
