using KdNotebooks.Catalogue;
using KdNotebooks.Data;
using KdNotebooks.Tasks;

namespace KdNotebooks.Interactive;

/// <summary>Images with what is true of them, shown as their task shows it.</summary>
/// <param name="Pictures">The task's.</param>
/// <param name="Samples">In the order in which they are shown.</param>
/// <param name="Caption">What the reader sees here, in one sentence.</param>
public sealed record SampleGrid(IPictures Pictures, IReadOnlyList<Sample> Samples, string Caption = "")
{
    /// <summary>The first images of one split.</summary>
    /// <param name="task">Null for the task of the catalogue that reads the data's targets.</param>
    public static SampleGrid Of(Dataset data, string split, int count, ITask? task = null)
    {
        var set = data.SplitNamed(split);
        return new SampleGrid(
            (task ?? PartKinds.TaskOf(data).On(data, PaddedCrop.None)).Pictures,
            [.. Enumerable.Range(0, Math.Min(count, set.Count)).Select(set.Load)],
            $"The first of {set.Count:N0} images: {set.Name}");
    }
}
