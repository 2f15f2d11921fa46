namespace KdNotebooks.Runtime;

/// <summary>Cells as columns of plain text.</summary>
public static class TextColumns
{
    /// <summary>A table whose first column are names and the others numbers.</summary>
    /// <param name="rows">The heads first; as many cells each.</param>
    public static string Of(IReadOnlyList<IReadOnlyList<string>> rows) =>
        string.Join('\n', Align(rows, column => column > 0));

    /// <summary>One line a row, cells padded to their column's width, without blanks at the end.</summary>
    /// <param name="rows">The heads first; as many cells each.</param>
    /// <param name="isNumber">Which columns stand at the right.</param>
    public static IEnumerable<string> Align(IReadOnlyList<IReadOnlyList<string>> rows, Func<int, bool> isNumber)
    {
        var widths = rows[0].Select((_, column) => rows.Max(row => row[column].Length)).ToList();
        return rows.Select(row => string.Join("  ", row.Select((cell, column) =>
            isNumber(column) ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd());
    }
}
