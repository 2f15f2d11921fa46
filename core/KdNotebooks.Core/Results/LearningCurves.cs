namespace KdNotebooks.Results;

/// <summary>One metric of one run over its epochs.</summary>
/// <param name="Values">One value an epoch, the first after epoch 1.</param>
public sealed record LearningCurve(string Method, int Seed, IReadOnlyList<double> Values);

/// <summary>Learning curves of several runs, to be drawn as a mean and a band over seeds for each method.</summary>
/// <param name="Metric">The vertical axis: "accuracy (%)".</param>
/// <param name="Split">Which images were measured: "validation".</param>
public sealed record LearningCurves(string Metric, string Split, IReadOnlyList<LearningCurve> Curves);
