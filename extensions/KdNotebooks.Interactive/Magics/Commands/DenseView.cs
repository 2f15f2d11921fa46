using KdNotebooks.Analysis;
using KdNotebooks.Data.Dense;
using Microsoft.Data.Analysis;

namespace KdNotebooks.Interactive.Magics.Commands;

/// <summary>What <c>#!kd-data</c> shows of a dataset of images with label maps.</summary>
internal static class DenseView
{
    public static void Show(DenseData data, string split, int count)
    {
        var shares = Splits(data).Select(each => (each.Name, Set: each.Set, Of: ClassShares.Of(each.Set))).ToList();
        Display.Show(Classes(data.Train.Table, [.. shares.Select(each => (each.Name, each.Of))]));
        Display.Show(new Markdown(string.Join("\n", shares.Select(each => Counted(each.Name, each.Set, each.Of)))));
        if (count > 0)
        {
            Display.Show(SceneGrid.OfSet(data.SplitNamed(split), count));
        }
    }

    private static IEnumerable<(string Name, DenseSet Set)> Splits(DenseData data) =>
        new[] { ("train", data.Train), ("validation", data.Validation), ("test", data.Test) }
            .Where(split => split.Item2 is not null).Select(split => (split.Item1, split.Item2!));

    private static DataFrame Classes(LabelTable table, List<(string Name, ClassShares Of)> splits) => new(
        splits.SelectMany(split => new DataFrameColumn[]
        {
            new DoubleDataFrameColumn(
                $"{split.Name}: % of pixels", split.Of.Pixels.Select(share => Math.Round(share, 2))),
            new Int32DataFrameColumn($"{split.Name}: in images", split.Of.In),
        }).Prepend(new StringDataFrameColumn("class", table.ClassNames)));

    private static string Counted(string name, DenseSet set, ClassShares of) =>
        $"- {name}: " + (of.Images == set.Count
            ? $"{set.Count} images counted"
            : $"the first {of.Images} of {set.Count} images counted")
        + FormattableString.Invariant($", {of.Ignored:0.##} % of the pixels are ignored");
}
