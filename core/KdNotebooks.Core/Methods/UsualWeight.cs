namespace KdNotebooks.Methods;

/// <summary>A weight beside a task loss of weight 1, as a reference has it (method.md, 2.2 and 4).</summary>
/// <param name="Value">Dimensionless; it belongs to the loss's reduction and to the data that the source names.</param>
/// <param name="Source">"mdistiller, CIFAR-100".</param>
public sealed record UsualWeight(double Value, string Source);
