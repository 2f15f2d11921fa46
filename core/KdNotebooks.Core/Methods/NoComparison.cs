using KdNotebooks.Distillation;

namespace KdNotebooks.Methods;

/// <summary>The student alone: nothing is compared, and the weight says nothing.</summary>
public sealed record NoComparison : IComparison
{
    public bool NeedsPlaces => false;

    public string Summary => "nothing";

    public Guidance At(Guidance places, double weight) => Guidance.None;
}
