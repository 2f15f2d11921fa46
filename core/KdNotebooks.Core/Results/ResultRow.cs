namespace KdNotebooks.Results;

/// <summary>One measured number of one run.</summary>
/// <param name="Method">What is compared: "none", "linear", "mlp-1".</param>
/// <param name="Seed">The run's seed; rows of two methods with one seed are paired.</param>
/// <param name="Metric">One of <see cref="Tasks.MetricNames"/>: "accuracy" (percent), "mIoU" (percent), "loss".</param>
/// <param name="Value">In the metric's unit.</param>
/// <param name="Split">"test", "validation" or "train".</param>
/// <param name="Epoch">"last" or "best" (best on validation).</param>
/// <param name="Run">The run's folder name.</param>
public sealed record ResultRow(
    string Method, int Seed, string Metric, double Value, string Split, string Epoch = "last", string Run = "");
