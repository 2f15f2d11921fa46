using System.Globalization;
using System.Text;
using KdNotebooks.Runtime;
using Microsoft.Data.Analysis;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>The first rows and columns of a data frame, and how many were left out.</summary>
internal static class DataFrameFormatter
{
    private const int MostRows = 20;
    private const int MostColumns = 20;

    public static MimeBundle Format(DataFrame frame)
    {
        var columns = frame.Columns.Take(MostColumns).ToList();
        var rows = Enumerable.Range(0, (int)Math.Min(MostRows, frame.Rows.Count))
            .Select(row => columns.Select(column => Cell(column[row])).ToList()).ToList();
        return MimeBundle.OfHtml(Table(frame, columns, rows), Text(frame, columns, rows));
    }

    private static string Table(DataFrame frame, List<DataFrameColumn> columns, List<List<string>> rows)
    {
        var html = new StringBuilder(HtmlStyle.Element).Append(HtmlStyle.TableStart);
        html.Append("<thead><tr>");
        columns.ForEach(column => html.Append(SortableTable.Head(column.Name, column.IsNumericColumn())));
        html.Append("</tr></thead><tbody>");
        for (var row = 0; row < rows.Count; row++)
        {
            html.Append("<tr>");
            html.AppendJoin("", rows[row].Select((cell, i) => columns[i].IsNumericColumn()
                ? SortableTable.Cell(Value(columns[i][row]), cell)
                : SortableTable.Cell(cell))).Append("</tr>");
        }

        var note = Size(frame) + (frame.Rows.Count > MostRows ? "; sorting is among those that are" : "");
        html.Append(HtmlText.Of($"</tbody></table></div><p class=\"kd-note\">{note}</p>"));
        return html.Append(SortableTable.Element).ToString();
    }

    private static string Text(DataFrame frame, List<DataFrameColumn> columns, List<List<string>> rows)
    {
        List<List<string>> lines = [[.. columns.Select(column => column.Name)], .. rows];
        return string.Join('\n', TextColumns.Align(lines, i => columns[i].IsNumericColumn()).Append(Size(frame)));
    }

    private static string Size(DataFrame frame)
    {
        var (rows, columns) = (frame.Rows.Count, frame.Columns.Count);
        return $"{rows} rows, {columns} columns"
            + (rows > MostRows ? $"; {rows - MostRows} rows are not shown" : "")
            + (columns > MostColumns ? $"; {columns - MostColumns} columns are not shown" : "");
    }

    private static double? Value(object? cell) =>
        cell is null ? null : Convert.ToDouble(cell, CultureInfo.InvariantCulture);

    private static string Cell(object? value) => value switch
    {
        null => "n/a",
        double number => number.ToString("G6", CultureInfo.InvariantCulture),
        float number => number.ToString("G6", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
