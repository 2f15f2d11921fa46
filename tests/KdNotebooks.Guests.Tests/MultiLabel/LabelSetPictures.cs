using KdNotebooks.Data;
using KdNotebooks.Tasks;

namespace KdNotebooks.Guests.MultiLabel;

/// <summary>Images with the names of what they show; what is wrong is marked by a sign and a word.</summary>
internal sealed class LabelSetPictures(IReadOnlyList<string> names) : IPictures
{
    public GridImage Image(Sample sample) => GridImage.Of(sample);

    public Shown Truth(Sample sample) => new(null, Words(((LabelSet)sample.Target).Classes));

    public Shown Guess(Sample sample, IPrediction prediction) => new(null, IsRight(sample, prediction) == true
        ? "✓ right"
        : $"✗ wrong: {Words(((LabelSetPrediction)prediction).Classes)}");

    public bool? IsRight(Sample sample, IPrediction prediction) =>
        ((LabelSet)sample.Target).Classes.Order().SequenceEqual(((LabelSetPrediction)prediction).Classes);

    private string Words(IReadOnlyList<int> classes) =>
        classes.Count == 0 ? "nothing" : string.Join(", ", classes.Order().Select(index => names[index]));
}
