using System.Text.Json.Serialization;
using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>
/// Random crop after zero padding, and horizontal flip, as a pure function of seed, view and sample: whoever asks
/// again, in whatever order, gets the same image.
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
public sealed record PaddedCrop(int Padding = 2, bool Flip = true, int Views = 0, int? Seed = null)
    : IAugmentation
{
    // Keeps these numbers apart from those that other code draws from the same seed.
    private const ulong Tag = 0x41_55_47_4D;

    /// <summary>Leaves images as they are.</summary>
    public static PaddedCrop None { get; } = new(0, false);

    public int Padding { get; init => field = RequirePadding(value); } = RequirePadding(Padding);

    public int Views { get; init => field = Transforms.RequireViews(nameof(PaddedCrop), value); } =
        Transforms.RequireViews(nameof(PaddedCrop), Views);

    /// <summary>Whether every view of an image is the image itself.</summary>
    [JsonIgnore]
    public bool IsNone => Padding == 0 && !Flip;

    [JsonIgnore]
    public string Key => $"padding {Padding}, flip {Flip}";

    /// <summary>The sample cropped to its own size and perhaps mirrored; padding is 0.</summary>
    public Sample Apply(Sample sample, Draw draw)
    {
        var (random, target) = (draw.Random(Tag), draw.Pixels(sample.Pixels.Length));
        // All three are drawn always, so that to switch one off leaves the others as they were.
        var down = random.NextInt((2 * Padding) + 1) - Padding;
        var right = random.NextInt((2 * Padding) + 1) - Padding;
        var mirrored = random.NextBool() && Flip;
        Write(sample.Pixels.Span, target.Span, sample.Size, (down, right, mirrored));
        return new Sample(
            sample.Name, sample.Channels, sample.Size, target,
            sample.Target.HasPlaces
                ? sample.Target.Through(ImageWindow.Shifted(sample.Size, down, right, mirrored))
                : sample.Target);
    }

    private static void Write(
        ReadOnlySpan<byte> image, Span<byte> target, ImageSize size, (int Down, int Right, bool Mirrored) by)
    {
        var (height, width) = (size.Height, size.Width);
        for (var row = 0; row < image.Length / width; row++)
        {
            var from = (row % height) + by.Down;
            var line = target.Slice(row * width, width);
            if (from < 0 || from >= height)
            {
                line.Clear();
                continue;
            }

            Shift(image.Slice((row + by.Down) * width, width), line, by.Right);
            if (by.Mirrored)
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
        $"PaddedCrop: padding {value} came; expected 0 (none) to 128 pixels.");
}
