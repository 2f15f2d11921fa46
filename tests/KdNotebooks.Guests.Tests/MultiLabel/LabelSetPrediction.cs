using KdNotebooks.Tasks;

namespace KdNotebooks.Guests.MultiLabel;

/// <summary>How sure a network is of each class in one image.</summary>
/// <param name="Confidence">[K], from 0 to 1.</param>
public sealed record LabelSetPrediction(IReadOnlyList<float> Confidence) : IPrediction
{
    /// <summary>Those of at least a half, from 0.</summary>
    public IReadOnlyList<int> Classes =>
        [.. Enumerable.Range(0, Confidence.Count).Where(index => Confidence[index] >= 0.5f)];
}
