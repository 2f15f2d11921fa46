namespace KdNotebooks.Models;

/// <summary>
/// The outputs of a network that gives logits. One that gives more derives a record of its own: every task that reads
/// logits then reads it too.
/// </summary>
/// <param name="Logits">[N, K], or [N, K, H, W] of a class for each pixel.</param>
/// <param name="Auxiliary">The same from an earlier stage, for training alone; null where the network has none.</param>
public record ModelOutput(Tensor Logits, Tensor? Auxiliary = null) : IOutputs;
