using KdNotebooks.Runtime;

namespace KdNotebooks.Analysis;

/// <summary>What two students predicted for the same images: where a method helped and where it hurt.</summary>
public sealed record PredictionPair
{
    /// <param name="baseline">Of the student alone, as a rule.</param>
    /// <param name="method">Of the distilled student.</param>
    /// <exception cref="KdException">They are of other images.</exception>
    public PredictionPair(Predictions baseline, Predictions method)
    {
        if (baseline.Images.Fingerprint != method.Images.Fingerprint)
        {
            throw new KdException(
                $"PredictionPair: {baseline.Run} predicted {baseline.Images}, {method.Run} predicted {method.Images}; "
                + "expected the same images.");
        }

        (Baseline, Method) = (baseline, method);
    }

    public Predictions Baseline { get; }

    public Predictions Method { get; }

    /// <summary>Indices of the images that only the method recognised, in the set's order.</summary>
    public IReadOnlyList<int> Gained => Where((before, after) => !before && after);

    /// <summary>Indices of the images that only the baseline recognised.</summary>
    public IReadOnlyList<int> Lost => Where((before, after) => before && !after);

    /// <summary>How many images both recognised.</summary>
    public int BothRight => Where((before, after) => before && after).Count;

    /// <summary>How many images neither recognised.</summary>
    public int BothWrong => Where((before, after) => !before && !after).Count;

    public override string ToString() =>
        $"Of {Method.Classes.Count} {Method.Split} images, recognised by both: {BothRight}; only by {Method.Run}: "
        + $"{Gained.Count}; only by {Baseline.Run}: {Lost.Count}; by neither: {BothWrong}";

    private List<int> Where(Func<bool, bool, bool> fits) => [.. Enumerable.Range(0, Method.Classes.Count)
        .Where(index => fits(Baseline.IsRight(index), Method.IsRight(index)))];
}
