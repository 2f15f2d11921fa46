using System.Globalization;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Metrics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Charts;

/// <summary>Paints a <see cref="ConfusionChart"/>.</summary>
internal static class ConfusionPainter
{
    // Beyond it a cell is too small for two numbers.
    private const int MostNumbers = 16;

    public static Figure Draw(ConfusionMatrix matrix, string of)
    {
        var count = matrix.ClassNames.Count;
        if (matrix.Total == 0)
        {
            throw new KdException("ConfusionChart: the matrix holds no image; add the predictions of a set first.");
        }

        var title = of.Length == 0 ? "Confusion matrix" : $"Confusion matrix: {of}";
        var says = $"{Recognized(matrix)}; each cell: share of the class’s {matrix.What}s, in percent, and how many";
        var names = matrix.ClassNames.Select(ChartText.Escape).ToList();
        var each = Enumerable.Range(0, count).ToList();
        var percent = new double[count, count];
        each.ForEach(row => each.ForEach(column => percent[row, column] = matrix.RowPercent(row, column)));
        string[][] cells = [.. each.Select(row => each.Select(column => Cell(matrix, row, column)).ToArray())];
        var xAxis = Heatmap.Names("predicted class", names, down: false);
        xAxis["side"] = "bottom";
        var layout = ChartFrame.Layout(title, says, xAxis, Heatmap.Names("true class", names, down: true));
        var chart = Heatmap.Of(
            percent, cells, (0, 100), Heatmap.Sequential, "true %{y}, predicted %{x}: %{text}",
            bar: new { title = new { text = "% of class" }, thickness = 14, outlinewidth = 0 });
        chart = count <= MostNumbers ? chart : chart.With("texttemplate", "");
        var figure = new[] { chart }.ToFigure(layout, AltText(matrix, title), matrix.ToString());
        return figure with { Title = title, Says = says, Height = Math.Clamp(180 + (46 * count), 320, 1200) };
    }

    private static string Cell(ConfusionMatrix matrix, int row, int column) => matrix[row, column] == 0 ? ""
        : $"{matrix.RowPercent(row, column).ToString("F0", CultureInfo.InvariantCulture)}<br>({Number(matrix[row, column])})";

    private static string Recognized(ConfusionMatrix matrix) =>
        FormattableString.Invariant($"{matrix.Accuracy:F2} % of {matrix.Total:N0} {matrix.What}s recognized");

    // "1,500,000" is too wide for a cell.
    private static string Number(long count) => count >= 1_000_000
        ? FormattableString.Invariant($"{count / 1e6:0.#}\u00a0M")
        : count.ToString("N0", CultureInfo.InvariantCulture);

    private static string AltText(ConfusionMatrix matrix, string title)
    {
        var each = Enumerable.Range(0, matrix.ClassNames.Count);
        var (truth, taken) = each.SelectMany(row => each.Select(column => (row, column)))
            .Where(at => at.row != at.column).DefaultIfEmpty().MaxBy(at => matrix[at.row, at.column]);
        var mistaken = matrix[truth, taken] == 0 || truth == taken ? ""
            : $" Most often mistaken: {matrix.ClassNames[truth]} for {matrix.ClassNames[taken]}, "
                + $"{ChartText.Count(matrix[truth, taken], matrix.What)}.";
        return $"Heatmap. {title}: {Recognized(matrix)}.{mistaken}";
    }
}
