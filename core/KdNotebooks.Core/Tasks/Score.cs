using KdNotebooks.Metrics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tasks;

/// <summary>How well a model does on a set of images.</summary>
/// <param name="Metrics">At least one; the first is what the best epoch is chosen by.</param>
/// <param name="Loss">Mean of the task's loss, for classes in nats.</param>
/// <param name="Classes">
/// Of each class, in percent, what <see cref="ITask.ClassMeasure"/> says. NaN for a class that is absent. Empty where the
/// task does not tell.
/// </param>
public sealed record Score(IReadOnlyList<Metric> Metrics, double Loss, IReadOnlyList<double> Classes)
{
    /// <summary>A score of one percentage.</summary>
    /// <param name="value">In percent.</param>
    /// <param name="loss">Mean loss.</param>
    public Score(double value, double loss) : this([new Metric(MetricKind.Unsaid, value)], loss, [])
    {
    }

    /// <summary>How often each class was taken for each class; null where the task does not tell.</summary>
    public ConfusionMatrix? Confusion { get; init; }

    /// <summary>What the task draws of one measure over another; empty where it draws none.</summary>
    public IReadOnlyList<ScoreCurve> Curves { get; init; } = [];

    /// <summary>What the best epoch is chosen by.</summary>
    public Metric Headline => Metrics[0];

    /// <summary>The metrics, and the loss behind them.</summary>
    public IEnumerable<Metric> All => Metrics.Append(new Metric(MetricKind.Loss, Loss));

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
