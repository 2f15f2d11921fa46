using System.Globalization;
using KdNotebooks.Data;
using KdNotebooks.Metrics;

namespace KdNotebooks.Tasks.Detection;

/// <summary>What a network finds in an image.</summary>
/// <param name="Found">The surest first.</param>
public sealed record ThingPrediction(IReadOnlyList<FoundObject> Found) : IPrediction;

/// <summary>Boxes and masks over their images, each with the name of its class.</summary>
internal sealed class ThingPictures(IReadOnlyList<string> classNames) : IPictures
{
    private const int PatchSide = 14;
    private const double LeastShown = 0.3;

    public string Note => FormattableString.Invariant(
        $"Boxes of a score below {LeastShown} are left out of the pictures; the score of a run counts all of them.");

    // Their masks and boxes are small, but a picture of each is not.
    public int? Usual => 6;

    public GridImage Image(Sample sample) => new ThingOverlay(sample).Image;

    public Shown Truth(Sample sample)
    {
        var things = Things.Of(sample).All;
        return new Shown(
            new ThingOverlay(sample).With(things.Select(thing => (thing.Class, classNames[thing.Class], thing.Box, thing.Mask))),
            things.Count == 0 ? "nothing" : string.Join(", ", things.Select(thing => classNames[thing.Class])));
    }

    public Shown Guess(Sample sample, IPrediction prediction)
    {
        var found = Shown(prediction).ToList();
        return new Shown(
            new ThingOverlay(sample).With(Enumerable.Reverse(found).Select(one => (one.Class, classNames[one.Class], one.Box, one.Mask))),
            found.Count == 0 ? "nothing" : string.Join(", ", found.Select(one => string.Create(
                CultureInfo.InvariantCulture, $"{classNames[one.Class]} {one.Score:F2}"))),
            found.Count == 1 ? "1 thing" : $"{found.Count} things");
    }

    public IReadOnlyList<LegendEntry> Legend(IEnumerable<(Sample Sample, IReadOnlyList<IPrediction> Guesses)> shown) =>
        [.. shown.SelectMany(one => one.Guesses.SelectMany(Shown).Select(found => found.Class)
                .Concat(Things.Of(one.Sample).All.Select(thing => thing.Class)))
            .Distinct().Order()
            .Select(@class => new LegendEntry(ThingOverlay.Patch(@class, PatchSide), classNames[@class]))];

    private static IEnumerable<FoundObject> Shown(IPrediction prediction) =>
        ((ThingPrediction)prediction).Found.Where(one => one.Score >= LeastShown);
}
