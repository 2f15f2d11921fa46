using System.Text.Json.Serialization;
using KdNotebooks.Tasks;

namespace KdNotebooks.Results;

/// <summary>One measured number of one run.</summary>
/// <param name="Method">What is compared: "none", "linear", "mlp-1".</param>
/// <param name="Seed">The run's seed; rows of two methods with one seed are paired.</param>
/// <param name="Metric">A task's own name for it: "accuracy", "mIoU", "loss".</param>
/// <param name="Value">In the metric's unit.</param>
/// <param name="Split">"test", "validation" or "train".</param>
/// <param name="Epoch">"last" or "best" (best on validation).</param>
/// <param name="Run">The run's folder name.</param>
/// <param name="Unit">Null where it is what the name says, see <see cref="MetricKind.Named"/>.</param>
/// <param name="HigherIsBetter">Null likewise.</param>
public sealed record ResultRow(
    string Method, int Seed, string Metric, double Value, string Split, string Epoch = "last", string Run = "",
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Unit = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? HigherIsBetter = null)
{
    /// <summary>
    /// What rounded it, in words: threads, processor, instructions (<see cref="Native.Machine"/>). Null where that is
    /// not known, as in files of before.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Machine { get; init; }

    /// <summary>What the metric is.</summary>
    [JsonIgnore]
    public MetricKind Kind
    {
        get
        {
            var usual = MetricKind.Named(Metric);
            return new MetricKind(Metric, Unit ?? usual.Unit, HigherIsBetter ?? usual.HigherIsBetter);
        }
    }

    /// <summary>A row that says of its metric what does not follow from its name.</summary>
    public static ResultRow Of(
        string method, int seed, MetricKind metric, double value, string split, string epoch, string run)
    {
        var usual = MetricKind.Named(metric.Name);
        return new ResultRow(
            method, seed, metric.Name, value, split, epoch, run, metric.Unit == usual.Unit ? null : metric.Unit,
            metric.HigherIsBetter == usual.HigherIsBetter ? null : metric.HigherIsBetter);
    }
}
