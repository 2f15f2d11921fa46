using KdNotebooks.Analysis;
using KdNotebooks.Experiments;
using KdNotebooks.Interactive.Charts;

namespace KdNotebooks.Charts;

/// <summary>Paints a <see cref="ClassChangeChart"/>.</summary>
internal static class ClassChangePainter
{
    public static Figure Draw(ClassChange change)
    {
        var title = $"What {change.Method} changes for each class ({change.Split})";
        var order = Enumerable.Range(0, change.ClassNames.Count)
            .OrderByDescending(k => change.Lines[k].Difference ?? double.NegativeInfinity).ToList();
        var rows = order.Select(k => DifferencePainter.Row(
            change.ClassNames[k], change.Lines[k],
            [.. change.Differences[k].Where(pair => double.IsFinite(pair.Difference))])).ToList();
        var altText = $"Dot plot with intervals. {title}, most gained first: " + string.Join(", ", order.Select(k =>
            $"{change.ClassNames[k]} {ResultTable.Signed(change.Lines[k].Difference)}")) + ".";
        return DifferencePainter.Draw(
            title, $"images of the class recognised: difference to {change.Baseline} (percentage points)", rows,
            altText, change.ToString());
    }
}
