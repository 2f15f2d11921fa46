using System.Text.Json.Serialization;
using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>
/// Random crop after zero padding, and horizontal flip, as a pure function of seed, view and sample: whoever asks
/// again, in whatever order, gets the same image, so that cached teacher features can never disagree with it.
/// </summary>
/// <param name="Padding">
/// Zero pixels added on each side before the crop to the old size; 0 to 128. The default value is 2.
/// </param>
/// <param name="Flip">Whether half of the images are mirrored left to right. The default value is true.</param>
/// <param name="Views">
/// How many different images each sample has over the epochs. The default value 0 means a new one every epoch; V &gt; 0
/// means that epoch e uses view (e - 1) mod V, so that V forward passes of the teacher serve any number of epochs.
/// </param>
/// <param name="Seed">The default value null means the run's seed; a number gives several runs the same images.</param>
public sealed record Augmentation(int Padding = 2, bool Flip = true, int Views = 0, int? Seed = null)
    : IAugmentation
{
    // Keeps these numbers apart from those that other code draws from the same seed.
    private const ulong Tag = 0x41_55_47_4D;

    /// <summary>Leaves images as they are.</summary>
    public static Augmentation None { get; } = new(0, false);

    public int Padding { get; init => field = RequirePadding(value); } = RequirePadding(Padding);

    public int Views { get; init => field = RequireViews(value); } = RequireViews(Views);

    /// <summary>Whether every view of an image is the image itself.</summary>
    [JsonIgnore]
    public bool IsNone => Padding == 0 && !Flip;

    /// <summary>The view that an epoch uses, from 0; always 0 where nothing is changed.</summary>
    /// <param name="epoch">Counted from 1.</param>
    public int View(int epoch)
    {
        if (epoch < 1)
        {
            throw new KdException($"Augmentation: epoch {epoch} came; epochs are counted from 1.");
        }

        return IsNone ? 0 : Views == 0 ? epoch - 1 : (epoch - 1) % Views;
    }

    /// <summary>Writes one view of one image.</summary>
    /// <param name="image">[C, H, W].</param>
    /// <param name="target">[C, H, W], another place than <paramref name="image"/>.</param>
    /// <param name="seed">The run's seed; not used where <see cref="Seed"/> is given.</param>
    /// <param name="view">From <see cref="View"/>.</param>
    /// <param name="sampleIndex">The image's index in its set.</param>
    /// <exception cref="KdException">A length other than C x H x W.</exception>
    public void Apply(
        ReadOnlySpan<byte> image, Span<byte> target, int channels, int height, int width,
        long seed, int view, int sampleIndex)
    {
        var size = channels * height * width;
        if (image.Length != size || target.Length != size)
        {
            throw new KdException(
                $"Augmentation: an image of {image.Length} bytes to {target.Length}; "
                + $"expected {channels}x{height}x{width} = {size}.");
        }

        var random = RandomStream.Of(Tag, (ulong)(Seed ?? seed), (ulong)view, (ulong)sampleIndex);
        // All three are drawn always, so that to switch one off leaves the others as they were.
        var down = random.NextInt((2 * Padding) + 1) - Padding;
        var right = random.NextInt((2 * Padding) + 1) - Padding;
        var mirrored = random.NextBool() && Flip;
        for (var row = 0; row < channels * height; row++)
        {
            var from = (row % height) + down;
            var line = target.Slice(row * width, width);
            if (from < 0 || from >= height)
            {
                line.Clear();
                continue;
            }

            Shift(image.Slice((row + down) * width, width), line, right);
            if (mirrored)
            {
                line.Reverse();
            }
        }
    }

    // target[x] = source[x + by], and 0 where the source has no such pixel.
    private static void Shift(ReadOnlySpan<byte> source, Span<byte> target, int by)
    {
        var kept = source.Length - Math.Abs(by);
        if (kept <= 0)
        {
            target.Clear();
        }
        else if (by >= 0)
        {
            source[by..].CopyTo(target);
            target[kept..].Clear();
        }
        else
        {
            target[..-by].Clear();
            source[..kept].CopyTo(target[-by..]);
        }
    }

    private static int RequirePadding(int value) => value is >= 0 and <= 128 ? value : throw new KdException(
        $"Augmentation: padding {value} came; expected 0 (none) to 128 pixels.");

    private static int RequireViews(int value) => value >= 0 ? value : throw new KdException(
        $"Augmentation: {value} views came; expected 0 (a new one every epoch) or more.");
}
