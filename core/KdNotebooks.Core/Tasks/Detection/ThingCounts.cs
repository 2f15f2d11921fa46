using KdNotebooks.Data;

namespace KdNotebooks.Tasks.Detection;

/// <summary>How many things there are of each class.</summary>
/// <param name="Things">Of each class, crowds left out.</param>
/// <param name="In">Of each class, in how many images.</param>
/// <param name="Images">How many were looked at.</param>
/// <param name="Empty">How many of them hold nothing.</param>
internal sealed record ThingCounts(int[] Things, int[] In, int Images, int Empty)
{
    private const int Most = 2000;

    /// <summary>The first 2,000 images of a set.</summary>
    public static ThingCounts Of(SampleSet set, CancellationToken cancellation)
    {
        var (things, within) = (new int[set.ClassNames.Count], new int[set.ClassNames.Count]);
        var (images, empty) = (Math.Min(set.Count, Most), 0);
        for (var i = 0; i < images; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var classes = ThingSet.Of(set, i).All.Where(thing => !thing.Crowd).Select(thing => thing.Class).ToList();
            classes.ForEach(@class => things[@class]++);
            classes.Distinct().ToList().ForEach(@class => within[@class]++);
            empty += classes.Count == 0 ? 1 : 0;
        }

        return new ThingCounts(things, within, images, empty);
    }

    /// <summary>"train: 600 images counted, 2 of them empty".</summary>
    public string Note(string split, SampleSet set) => $"{split}: "
        + (Images == set.Count ? $"{set.Count} images counted" : $"the first {Images} of {set.Count} images counted")
        + $", {Empty} of them empty";
}
