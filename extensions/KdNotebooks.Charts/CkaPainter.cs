using System.Globalization;
using KdNotebooks.Analysis;
using KdNotebooks.Interactive.Charts;

namespace KdNotebooks.Charts;

/// <summary>Paints a <see cref="CkaChart"/>.</summary>
internal static class CkaPainter
{
    public static Figure Draw(CkaTable table)
    {
        var title = $"How alike the layers are: {table.Run} and {table.TeacherName}";
        var says = $"linear CKA over {table.Images} {table.Split} images; 1: alike up to a rotation, 0: unrelated";
        var xAxis = Heatmap.Names("teacher", table.TeacherPaths.Select(Word), down: false);
        var yAxis = Heatmap.Names("student", table.StudentPaths.Select(Word), down: true);
        var layout = ChartFrame.Layout(title, says, xAxis, yAxis);
        string[][] cells = [.. table.StudentPaths.Select((_, row) => table.TeacherPaths.Select((_, column) =>
            table.Values[row, column].ToString("F2", CultureInfo.InvariantCulture)).ToArray())];
        var chart = Heatmap.Of(
            table.Values, cells, (0, 1), Heatmap.Sequential, "student %{y}, teacher %{x}: %{z:.3f}",
            bar: new { title = new { text = "CKA" }, thickness = 14, outlinewidth = 0 });
        return new[] { chart }.ToFigure(layout, AltText(table, title), table.ToString()) with
        {
            Title = title,
            Says = says,
            Height = Math.Clamp(190 + (64 * table.StudentPaths.Count), 320, 1200),
            MaxWidth = Math.Clamp(260 + (110 * table.TeacherPaths.Count), 560, 860),
        };
    }

    private static string Word(string path) => ChartText.Escape(CkaTable.Word(path));

    private static string AltText(CkaTable table, string title)
    {
        var best = table.StudentPaths.Select((path, row) =>
        {
            var column = Enumerable.Range(0, table.TeacherPaths.Count).MaxBy(k => table.Values[row, k]);
            return $"{CkaTable.Word(path)} is most like {CkaTable.Word(table.TeacherPaths[column])} "
                + ChartText.Number(Math.Round(table.Values[row, column], 3));
        });
        return $"Heatmap. {title}: {string.Join(", ", best)}.";
    }
}
