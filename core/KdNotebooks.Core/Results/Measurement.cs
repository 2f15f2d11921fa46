using KdNotebooks.Tasks;

namespace KdNotebooks.Results;

/// <summary>What a number is a measurement of.</summary>
/// <param name="Metric">A task's own name for it: "accuracy", "mIoU", "loss".</param>
/// <param name="Split">"test", "validation" or "train".</param>
/// <param name="Epoch">"last" or "best" (best on validation).</param>
public readonly record struct Measurement(string Metric, string Split, string Epoch)
{
    /// <summary>Test accuracy at the last epoch.</summary>
    public static Measurement Default { get; } = new(MetricKind.Unsaid, "test", "last");

    /// <summary>"Test accuracy (%), last epoch".</summary>
    public override string ToString() =>
        $"{(Split.Length == 0 ? "" : char.ToUpperInvariant(Split[0]) + Split[1..])} {MetricKind.Named(Metric).WithUnit}"
        + $", {Epoch} epoch";
}
