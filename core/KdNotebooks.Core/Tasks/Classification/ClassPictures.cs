using System.Globalization;
using KdNotebooks.Data;

namespace KdNotebooks.Tasks.Classification;

/// <summary>The class that a network takes an image for.</summary>
/// <param name="Class">From 0.</param>
/// <param name="Confidence">Its softmax probability, from 0 to 1.</param>
public sealed record ClassPrediction(int Class, float Confidence) : IPrediction;

/// <summary>Images with the names of their classes; what is wrong is marked by a sign and a word.</summary>
internal sealed class ClassPictures(IReadOnlyList<string> names) : IPictures
{
    public GridImage Image(Sample sample) => GridImage.Of(sample);

    public Shown Truth(Sample sample) => new(null, names[Index(sample)]);

    public Shown Guess(Sample sample, IPrediction prediction)
    {
        var (guess, share) = (ClassPrediction)prediction;
        var percent = share.ToString("P0", CultureInfo.InvariantCulture).Replace(' ', '\u00a0'); // not over two lines
        return new Shown(null, guess == Index(sample) ? $"✓ right ({percent})" : $"✗ wrong: {names[guess]} ({percent})");
    }

    public bool? IsRight(Sample sample, IPrediction prediction) => ((ClassPrediction)prediction).Class == Index(sample);

    private static int Index(Sample sample) => ((ClassIndex)sample.Target).Index;
}
