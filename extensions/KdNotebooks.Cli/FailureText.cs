using KdNotebooks.Kernel;
using KdNotebooks.Kernel.Engine;

namespace KdNotebooks.Cli;

/// <summary>A failed cell as lines: which cell, what was wrong, and its source with the place marked.</summary>
internal static class FailureText
{
    private const int Around = 3;

    public static IEnumerable<string> Of(string path, FailedCell failed)
    {
        var error = failed.Error;
        var place = error.Line is { } at ? $", line {at}" : "";
        yield return $"{path}: cell [{failed.Number}]{place} failed.";
        foreach (var line in Headline(error).Split('\n'))
        {
            yield return line;
        }

        yield return "";
        foreach (var line in Source(failed))
        {
            yield return line;
        }

        // The failing line is shown above; what else belongs to it, here: further compile errors, or the way to it.
        foreach (var spot in error.Spots.Where(spot => spot.Cell != failed.Number || spot.Line != error.Line))
        {
            yield return $"  cell [{spot.Cell}], line {spot.Line}, {spot.Text}: {spot.Source.Trim()}";
        }
    }

    private static string Headline(CellError error) => error.Name switch
    {
        "KdException" => error.Message,
        _ when error.Name.StartsWith("FS", StringComparison.Ordinal) => $"error {error.Name}: {error.Message}",
        _ => $"{error.Name}: {error.Message}",
    };

    private static IEnumerable<string> Source(FailedCell failed)
    {
        var lines = failed.Source.ReplaceLineEndings("\n").TrimEnd().Split('\n');
        var marked = failed.Error.Line;
        var spot = failed.Error.Spots.FirstOrDefault(s => s.Cell == failed.Number && s.Line == marked && s.Column > 0);
        // Without a line, the whole cell (style: at most 25 lines) is the place.
        var (first, last) = marked is { } at ? (at - Around, at + Around) : (1, lines.Length);
        for (var number = Math.Max(1, first); number <= Math.Min(lines.Length, last); number++)
        {
            yield return $"{(number == marked ? ">" : " ")} {number,4} | {lines[number - 1]}";
            if (number == marked && spot is not null)
            {
                var marks = new string('^', Math.Max(1, spot.EndColumn - spot.Column));
                yield return $"       | {new string(' ', spot.Column - 1)}{marks}";
            }
        }
    }
}
