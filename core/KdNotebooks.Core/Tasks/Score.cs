using KdNotebooks.Runtime;

namespace KdNotebooks.Tasks;

/// <summary>One number of a score, in percent.</summary>
/// <param name="Name">One of <see cref="MetricNames"/>.</param>
public readonly record struct Metric(string Name, double Value);

/// <summary>How well a model does on a set of images.</summary>
/// <param name="Metrics">At least one; the first is what the best epoch is chosen by.</param>
/// <param name="Loss">Mean cross-entropy, in nats.</param>
/// <param name="Classes">
/// Of each class, in percent: how many of its images were recognised, or its intersection over union. NaN for a class
/// that is absent. Empty where the task does not tell.
/// </param>
public sealed record Score(IReadOnlyList<Metric> Metrics, double Loss, IReadOnlyList<double> Classes)
{
    /// <summary>Of classification.</summary>
    /// <param name="accuracy">Top-1, in percent.</param>
    /// <param name="loss">Mean cross-entropy, in nats.</param>
    public Score(double accuracy, double loss) : this([new Metric(MetricNames.Accuracy, accuracy)], loss, [])
    {
    }

    /// <summary>What the best epoch is chosen by.</summary>
    public Metric Headline => Metrics[0];

    /// <exception cref="KdException">The task has no such metric.</exception>
    public double this[string metric] => Metrics.Any(known => known.Name == metric)
        ? Metrics.First(known => known.Name == metric).Value
        : throw new KdException(
            $"Score: there is no '{metric}'; measured: {string.Join(", ", Metrics.Select(known => known.Name))}.");

    // By content: a record compares its lists by reference.
    public bool Equals(Score? other) => other is not null && Loss.Equals(other.Loss)
        && Metrics.SequenceEqual(other.Metrics) && Classes.SequenceEqual(other.Classes);

    public override int GetHashCode() => HashCode.Combine(Loss, Headline);
}
