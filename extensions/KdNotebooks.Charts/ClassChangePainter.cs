using KdNotebooks.Analysis;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Results;

namespace KdNotebooks.Charts;

/// <summary>Paints a <see cref="ClassChangeChart"/>.</summary>
internal static class ClassChangePainter
{
    public static Figure Draw(ClassChange change)
    {
        var title = $"What {change.Method} changes for each class ({change.Split})";
        // What is in no image has no difference; it is named in place of an empty row.
        var all = Enumerable.Range(0, change.ClassNames.Count).ToLookup(k => change.Lines[k].Difference is { } known
            && double.IsFinite(known));
        var order = all[true].OrderByDescending(k => change.Lines[k].Difference).ToList();
        var absent = string.Join(", ", all[false].Select(k => change.ClassNames[k]));
        var rows = order.Select(k => DifferencePainter.Row(
            change.ClassNames[k], change.Lines[k],
            [.. change.Differences[k].Where(pair => double.IsFinite(pair.Difference))], change.Baseline)).ToList();
        var altText = $"Dot plot with intervals. {title}, most gained first: " + string.Join(", ", order.Select(k =>
            $"{change.ClassNames[k]} {ResultTable.Signed(change.Lines[k].Difference)}")) + "."
            + (absent.Length > 0 ? $" Not compared: {absent}." : "");
        return DifferencePainter.Draw(
            title, $"{change.Measured}: difference to {change.Baseline} (percentage points)", rows, altText,
            change.ToString(), DifferencePainter.Bars(change.Lines, "classes"),
            (absent.Length > 0 ? $"; not compared, for lack of pixels or images: {absent}" : "")
                + ChartFrame.Unlike(change.MachineNote));
    }
}
