using KdNotebooks.Distillation;

namespace KdNotebooks.Methods;

/// <summary>What a method compares, and how; it knows no place of its own and no weight.</summary>
public interface IComparison
{
    /// <summary>Whether it compares maps where a recipe connects some, and so cannot do without.</summary>
    bool NeedsPlaces { get; }

    /// <summary>In a few words, for tables: "linear, l2", "logits, kd".</summary>
    string Summary { get; }

    /// <param name="places">Where maps are compared now; its losses and weights are not kept.</param>
    /// <param name="weight">Beside the task loss.</param>
    Guidance At(Guidance places, double weight);
}
