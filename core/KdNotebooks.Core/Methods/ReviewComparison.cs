using KdNotebooks.Distillation;
using KdNotebooks.Losses;

namespace KdNotebooks.Methods;

/// <summary>The recipe's places, at least two and from shallow to deep, fused by attention and held together.</summary>
/// <param name="Loss">Compares the maps of one stage.</param>
public sealed record ReviewComparison(IFeatureLoss Loss) : IComparison
{
    public bool NeedsPlaces => true;

    public string Summary => $"fused stages, {Loss.Name}";

    public Guidance At(Guidance places, double weight)
    {
        var all = Places.Of(places);
        return new([], Fused: new FusedConnection(
            [.. all.Select(place => new Stage(place.Student, place.Teacher))], Loss, weight, places.Fused?.Mid,
            all.Count > 0 ? all[0].WarmUp : 0));
    }
}
