using KdNotebooks.Runtime;

namespace KdNotebooks.Analysis;

/// <summary>What two students predicted for the same images: where a method helped and where it hurt.</summary>
public sealed record PredictionPair
{
    private readonly IReadOnlyList<bool?> before, after;

    /// <param name="baseline">Of the student alone, as a rule.</param>
    /// <param name="method">Of the distilled student.</param>
    /// <exception cref="KdException">They are of other images.</exception>
    public PredictionPair(Predictions baseline, Predictions method)
    {
        var (one, other) = (baseline.Task.Data.SplitNamed(baseline.Split), method.Task.Data.SplitNamed(method.Split));
        if (one.Fingerprint != other.Fingerprint || !baseline.Images.SequenceEqual(method.Images))
        {
            throw new KdException(
                $"PredictionPair: {baseline.Run} predicted {one}, {method.Run} predicted {other}; "
                + "expected the same images.");
        }

        (Baseline, Method) = (baseline, method);
        (before, after) = (baseline.Right(), method.Right());
    }

    public Predictions Baseline { get; }

    public Predictions Method { get; }

    /// <summary>Whether a prediction of this task is right or wrong; else neither list below holds anything.</summary>
    public bool Decided => before.Concat(after).All(right => right is not null);

    /// <summary>Indices of the images that only the method recognized, in their order.</summary>
    public IReadOnlyList<int> Gained => Where(before: false, after: true);

    /// <summary>Indices of the images that only the baseline recognized.</summary>
    public IReadOnlyList<int> Lost => Where(before: true, after: false);

    /// <summary>How many images both recognized.</summary>
    public int BothRight => Where(before: true, after: true).Count;

    /// <summary>How many images neither recognized.</summary>
    public int BothWrong => Where(before: false, after: false).Count;

    public override string ToString() => Decided
        ? $"Of {Method.Items.Count} {Method.Split} images, recognized by both: {BothRight}; only by {Method.Run}: "
            + $"{Gained.Count}; only by {Baseline.Run}: {Lost.Count}; by neither: {BothWrong}"
        : $"{Baseline}; {Method}";

    private List<int> Where(bool before, bool after) => [.. Enumerable.Range(0, Method.Items.Count)
        .Where(i => this.before[i] == before && this.after[i] == after).Select(i => Method.Images[i])];
}
