using KdNotebooks.Distillation;
using KdNotebooks.Losses;

namespace KdNotebooks.Methods;

/// <summary>Logits by a loss, and no maps.</summary>
public sealed record LogitComparison(ILogitLoss Loss) : IComparison
{
    public bool NeedsPlaces => false;

    public string Summary => $"logits, {Loss.Name}";

    public Guidance At(Guidance places, double weight) => new([], new LogitConnection(Loss, weight));
}
