using KdNotebooks.Models;

namespace KdNotebooks.Guests.MultiLabel;

/// <summary>Of a network with a second output: how many classes it sees in an image.</summary>
/// <param name="Logits">[N, K].</param>
/// <param name="Seen">[N], about how many classes there are.</param>
public sealed record LabelOutput(Tensor Logits, Tensor Seen) : ModelOutput(Logits);
