using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using FSharp.Compiler.Diagnostics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Kernel.Engine;

/// <summary>Turns what the compiler or the runtime reports into the lines of the user's cells.</summary>
internal sealed partial class CellErrors
{
    private readonly Dictionary<int, string[]> sources = [];

    /// <summary>The file name under which a cell is compiled; the way back from a stack frame to the cell.</summary>
    public static string FileName(int cell) => $"cell-{cell}.fsx";

    public void Remember(int cell, string code) => sources[cell] = code.ReplaceLineEndings("\n").Split('\n');

    /// <summary>"warning FS0025 in line 2, column 7: Incomplete pattern matches ..."</summary>
    public static string Warning(FSharpDiagnostic diagnostic) =>
        $"warning {diagnostic.ErrorNumberText} in line {diagnostic.StartLine}, column {diagnostic.StartColumn + 1}: "
        + Clean(diagnostic.Message);

    public CellError Compile(int cell, IEnumerable<FSharpDiagnostic> diagnostics)
    {
        var errors = diagnostics.Where(d => d.Severity.IsError).DistinctBy(d => (d.StartLine, d.Message))
            .OrderBy(d => d.StartLine).ThenBy(d => d.StartColumn).ToList();
        // FS0192 only repeats that the parser gave up.
        var telling = errors.Exists(d => d.ErrorNumber != 192) ? errors.FindAll(d => d.ErrorNumber != 192) : errors;
        if (telling.Count == 0)
        {
            return new CellError("FSharp", "The cell could not be compiled.", null, []);
        }

        var spots = telling.Select(d => new ErrorSpot(
            CellOf(d.FileName) ?? cell, d.StartLine, d.StartColumn + 1, d.EndLine == d.StartLine ? d.EndColumn + 1 : 0,
            $"error {d.ErrorNumberText}: {Clean(d.Message)}", SourceOf(CellOf(d.FileName) ?? cell, d.StartLine)));
        return new CellError(
            telling[0].ErrorNumberText, Clean(telling[0].Message), telling[0].StartLine, [.. spots]);
    }

    public CellError Thrown(int cell, Exception exception)
    {
        var chain = Chain(exception).ToList();
        var spots = chain.AsEnumerable().Reverse().SelectMany(Spots).Distinct().ToList();
        var line = spots.Find(spot => spot.Cell == cell)?.Line;
        if (chain.OfType<KdException>().FirstOrDefault() is { } own)
        {
            return new CellError(nameof(KdException), own.Message, line, []);
        }

        var cause = chain[^1];
        var name = cause.GetType().FullName ?? cause.GetType().Name;
        return new CellError(Clean(name), Clean(cause.Message), line, spots);
    }

    // Wrappers that say nothing themselves: what counts is inside.
    private static IEnumerable<Exception> Chain(Exception exception)
    {
        for (var next = (Exception?)exception; next is not null;)
        {
            yield return next;
            next = next switch
            {
                AggregateException { InnerExceptions: [var only] } => only,
                TargetInvocationException or TypeInitializationException => next.InnerException,
                _ => null,
            };
        }
    }

    private IEnumerable<ErrorSpot> Spots(Exception exception)
    {
        foreach (var frame in new StackTrace(exception, fNeedFileInfo: true).GetFrames())
        {
            if (CellOf(frame.GetFileName()) is { } cell)
            {
                var line = frame.GetFileLineNumber();
                yield return new ErrorSpot(cell, line, 0, 0, Place(frame.GetMethod()), SourceOf(cell, line));
            }
        }
    }

    // "y@5.Invoke" is a function within y; "main@" is the cell itself.
    private static string Place(MethodBase? method)
    {
        var name = method?.Name ?? "";
        if (name.Contains("main@", StringComparison.Ordinal) || name is ".cctor" or "staticInitialization@")
        {
            return "top level";
        }

        var within = method?.DeclaringType?.Name.Split('@');
        return within is { Length: > 1 } ? $"in {within[0]}" : $"in {name}";
    }

    private static int? CellOf(string? file) =>
        CellFile().Match(file ?? "") is { Success: true } match ? int.Parse(match.Groups[1].Value) : null;

    private string SourceOf(int cell, int line) =>
        sources.TryGetValue(cell, out var lines) && line >= 1 && line <= lines.Length ? lines[line - 1] : "";

    // F# Interactive puts each submission into a module of its own, whose name means nothing to a reader.
    private static string Clean(string text) =>
        string.Join('\n', Submission().Replace(text, "").Split('\n').Select(line => line.TrimEnd())).Trim();

    [GeneratedRegex(@"(?:^|[/\\])cell-(\d+)\.fsx$")]
    private static partial Regex CellFile();

    [GeneratedRegex(@"\bFSI_\d{4,}[.+]")]
    private static partial Regex Submission();
}
