namespace KdNotebooks.Kernel.Engine;

/// <summary>Where in the user's F# something went wrong.</summary>
/// <param name="Cell">The number under which the cell was evaluated.</param>
/// <param name="Line">1-based line of that cell.</param>
/// <param name="Column">1-based column; 0 where only the line is known.</param>
/// <param name="EndColumn">1-based, exclusive; 0 where it is not known or lies on a later line.</param>
/// <param name="Text">What is said of this place: "error FS0039: ..." or "in f".</param>
/// <param name="Source">The line itself, as it stands in the cell.</param>
public sealed record ErrorSpot(int Cell, int Line, int Column, int EndColumn, string Text, string Source);

/// <summary>
/// Why a cell failed, in the terms of its author: no frame of the engine, of F# Interactive or of reflection.
/// </summary>
/// <param name="Name">
/// The compiler's number ("FS0039") or the exception's type ("System.DivideByZeroException").
/// </param>
/// <param name="Message">What the compiler or the exception says.</param>
/// <param name="Line">1-based line of the failing cell; null where it cannot be told.</param>
/// <param name="Spots">
/// Compile errors in the order of the text; or the user's frames of an exception, innermost first, of any cell.
/// Empty for a <see cref="Runtime.KdException"/>, whose message is complete in itself.
/// </param>
public sealed record CellError(string Name, string Message, int? Line, IReadOnlyList<ErrorSpot> Spots)
{
    /// <summary>
    /// The lines that a notebook keeps as the traceback: what happened, then each place with its source.
    /// </summary>
    public IReadOnlyList<string> Traceback()
    {
        var lines = new List<string> { $"{ShortName}: {Message}" };
        foreach (var spot in Spots)
        {
            lines.Add($"  cell [{spot.Cell}], line {spot.Line}{Column(spot)}: {spot.Text}");
            lines.Add($"    {spot.Source.Trim()}");
        }

        return lines;
    }

    /// <summary>The name without its namespace.</summary>
    public string ShortName => Name[(Name.LastIndexOf('.') + 1)..];

    private static string Column(ErrorSpot spot) => spot.Column > 0 ? $", column {spot.Column}" : "";
}
