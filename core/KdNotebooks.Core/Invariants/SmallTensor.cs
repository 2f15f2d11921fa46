using System.Globalization;
using KdNotebooks.Runtime;

namespace KdNotebooks.Invariants;

/// <summary>A tensor small enough to read, as plain numbers under a name: part of a counterexample.</summary>
/// <param name="Name">"student", "order".</param>
/// <param name="Shape">Empty for a single number.</param>
/// <param name="Values">Row-major, as many as the shape says.</param>
public sealed record SmallTensor(string Name, IReadOnlyList<long> Shape, IReadOnlyList<double> Values)
{
    private const int MostRows = 24;
    private const int MostColumns = 12;

    public IReadOnlyList<double> Values { get; } = Values.Count == Shape.Aggregate(1L, (size, axis) => size * axis)
        ? Values
        : throw new KdException(
            $"Tensor '{Name}': {Values.Count} values for the shape [{string.Join(", ", Shape)}]; expected one for each "
            + "element.");

    /// <summary>
    /// One line for each row of the last axis, each with its place before it: "[0, 1, 0, :]  1  0.5". Of a tensor that
    /// is not small, the first.
    /// </summary>
    public IReadOnlyList<string> Rows
    {
        get
        {
            var columns = Shape.Count == 0 ? 1 : (int)Shape[^1];
            var count = columns == 0 ? 0 : Values.Count / columns;
            var cells = Enumerable.Range(0, Math.Min(count, MostRows)).Select(row => Values
                .Skip(row * columns).Take(Math.Min(columns, MostColumns)).Select(Number).ToList()).ToList();
            var width = cells.SelectMany(row => row).Select(cell => cell.Length).DefaultIfEmpty(0).Max();
            var more = columns > MostColumns ? "  ..." : "";
            var rows = cells.Select((row, index) =>
                Place(index) + string.Join("  ", row.Select(cell => cell.PadLeft(width))) + more).ToList();
            return count > MostRows ? [.. rows, $"... {count - MostRows} more rows"] : rows;
        }
    }

    /// <summary>"student [2, 1]", then the rows.</summary>
    public override string ToString() => string.Join('\n', Rows.Select(row => "  " + row).Prepend(Title));

    /// <summary>"student [2, 1]"; the name alone for a single number.</summary>
    public string Title => Shape.Count == 0 ? Name : $"{Name} [{string.Join(", ", Shape)}]";

    /// <summary>Six digits: what was shrunk is round anyway. Zero has no sign.</summary>
    public static string Number(double value) => (value + 0.0).ToString("G6", CultureInfo.InvariantCulture);

    // Of one row, or of none, there is nothing to say.
    private string Place(int row)
    {
        if (Shape.Count < 2)
        {
            return "";
        }

        var place = new long[Shape.Count - 1];
        for (var axis = place.Length - 1; axis >= 0; axis--)
        {
            place[axis] = row % Shape[axis];
            row /= (int)Shape[axis];
        }

        return $"[{string.Join(", ", place)}, :]  ";
    }
}
