using KdNotebooks.Data;
using KdNotebooks.Runtime;
using Microsoft.Data.Analysis;

namespace KdNotebooks.Tasks;

/// <summary>One small picture, as a notebook or a report shows it.</summary>
/// <param name="Pixels">Row by row, uint8: [height, width] gray or [height, width, 3] RGB.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Label">Shown below the picture: "sneaker".</param>
public sealed record GridImage(byte[] Pixels, int Width, int Height, string Label = "")
{
    /// <summary>1 (gray) or 3 (RGB).</summary>
    /// <exception cref="KdException">The pixels do not fill the size in one or three channels.</exception>
    public int Channels => Width > 0 && Height > 0 && Pixels.Length == Width * Height ? 1
        : Width > 0 && Height > 0 && Pixels.Length == 3 * Width * Height ? 3
        : throw new KdException(
            $"GridImage: {Width} x {Height} pixels need {Width * Height} bytes (gray) or {3 * Width * Height} (RGB); "
            + $"got {Pixels.Length}. Pass the pixels row by row, channels last.");

    /// <summary>An image as it is; of other than one or three channels the first.</summary>
    public static GridImage Of(Sample sample, string label = "")
    {
        var (channels, size) = (sample.Channels == 3 ? 3 : 1, (int)sample.Size.Pixels);
        var pixels = new byte[channels * size];
        var planes = sample.Pixels.Span;
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = planes[(i % channels * size) + (i / channels)]; // [C, H, W] -> [H, W, C]
        }

        return new GridImage(pixels, sample.Width, sample.Height, label);
    }
}

/// <summary>One entry of a legend: a patch of color, and whose it is.</summary>
public sealed record LegendEntry(GridImage Patch, string Name);

/// <summary>How an image, the truth or a prediction is shown; never by color alone.</summary>
/// <param name="Picture">Null where words are enough.</param>
/// <param name="Words">What a reader who sees no picture is told: "sneaker", "background, coat".</param>
/// <param name="Below">A number or a verdict below it; may be empty.</param>
public sealed record Shown(GridImage? Picture, string Words, string Below = "");

/// <summary>How a task shows images, their truth and what is predicted for them.</summary>
public interface IPictures
{
    /// <summary>The image alone, reduced where it is large.</summary>
    GridImage Image(Sample sample);

    /// <summary>What is true of it.</summary>
    Shown Truth(Sample sample);

    /// <summary>What a network says of it.</summary>
    Shown Guess(Sample sample, IPrediction prediction);

    /// <summary>
    /// Whether a prediction is right; null (the default) where it is so by degrees.
    /// </summary>
    bool? IsRight(Sample sample, IPrediction prediction) => null;

    /// <summary>The names of the colors in the pictures that are shown; none by default.</summary>
    IReadOnlyList<LegendEntry> Legend(IEnumerable<(Sample Sample, IReadOnlyList<IPrediction> Guesses)> shown) => [];

    /// <summary>What stands below a table of predictions, for who reads their numbers; may be empty.</summary>
    string Note => "";

    /// <summary>
    /// How many images are predicted and kept where nobody says which: null for all (predictions are small), else the
    /// first few. The default is null.
    /// </summary>
    int? Usual => null;
}

/// <summary>What there is of each class in each split.</summary>
/// <param name="Classes">A row a class.</param>
/// <param name="Notes">What was counted; a line each.</param>
public sealed record DataSummary(DataFrame Classes, IReadOnlyList<string> Notes);
