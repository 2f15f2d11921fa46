using KdNotebooks.Aligners;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;

namespace KdNotebooks.Methods;

/// <summary>Maps, each pair by itself: through an aligner, by a loss.</summary>
/// <param name="Loss">Compares the maps of one place.</param>
/// <param name="Aligner">Null (the default) keeps each place's own.</param>
/// <param name="Spatial">Null (the default) keeps each place's own.</param>
/// <param name="Path">
/// A module path in student and teacher, where the method is about one: "classifier". The default value is null: the
/// recipe's places.
/// </param>
public sealed record MapComparison(
    IFeatureLoss Loss, IAligner? Aligner = null, SpatialPolicy? Spatial = null, string? Path = null) : IComparison
{
    public bool NeedsPlaces => Path is null;

    public string Summary => $"{Aligner?.Name ?? "the recipe's aligner"}, {Loss.Name}"
        + (Spatial is { } policy ? $", {policy.ToString().ToLowerInvariant()}" : "")
        + (Path is null ? "" : $" at {Path}");

    public Guidance At(Guidance places, double weight) => new(Path is { } path
        ? [new(path, path, Aligner ?? new Identity(), Loss, weight, Spatial ?? SpatialPolicy.None)]
        : [.. Places.Of(places).Select(place => place with
        {
            Aligner = Aligner ?? place.Aligner,
            Loss = Loss,
            Alpha = weight,
            Spatial = Spatial ?? place.Spatial,
            Scores = Loss is IScoredLoss ? place.Scores : null,
        })]);
}
