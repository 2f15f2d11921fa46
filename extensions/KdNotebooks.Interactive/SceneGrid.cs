using KdNotebooks.Data.Dense;

namespace KdNotebooks.Interactive;

/// <summary>Images side by side, each beside itself with its label map over it, and one legend for all.</summary>
/// <param name="Table">Names and colors of the classes.</param>
/// <param name="Caption">What the reader sees here, in one sentence.</param>
public sealed record SceneGrid(LabelTable Table, IReadOnlyList<DenseSample> Scenes, string Caption = "")
{
    /// <summary>The first images of a set.</summary>
    public static SceneGrid OfSet(DenseSet set, int count) => new(
        set.Table, [.. Enumerable.Range(0, Math.Min(count, set.Count)).Select(set.Load)],
        $"The first of {set.Count:N0} images with their label maps: {set.Name}");
}
