namespace KdNotebooks.Losses;

/// <summary>One named part of the total loss: a scalar with its gradient.</summary>
/// <param name="Name">"task", "layer3 mlp-1 l2".</param>
public readonly record struct LossTerm(string Name, Tensor Value);
