using FSharp.Compiler.Diagnostics;
using FSharp.Compiler.Text;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Control;
using Microsoft.FSharp.Core;

namespace KdNotebooks.Kernel.Engine;

internal enum CellStatus
{
    Complete,
    Incomplete,
    Invalid,
}

/// <param name="Indent">What the next line of an incomplete cell begins with.</param>
internal sealed record CellState(CellStatus Status, string Indent = "");

/// <summary>Tells whether a cell can be run as it stands, or goes on.</summary>
internal sealed class Completeness(FSharpEngine engine)
{
    private const string File = "cell.fsx";
    private const string Step = "    ";

    // A string or comment that the text's end cuts off; a bracket that is never closed; a block without a value.
    private static readonly int[] Unclosed = [514, 515, 516, 517, 518, 583, 588, 598, 603, 604, 1232, 3155, 3378];

    // What the parser says of a construct that wants something more, if it says it of the last line.
    private static readonly int[] Unfinished =
        [10, 58, 547, 611, 3100, 3104, 3107, 3113, 3115, 3118, 3156, 3158, 3524, 3885];

    // What stands at the end of a line whose sense is in the next.
    private static readonly string[] Openers =
    [
        "=", "->", "(", "[", "{", "|", "[|", "{|", "<-", "|>", ">>", ",", "then", "else", "do", "with", "try",
        "finally", "in", "of", "begin", "yield", "return", "function",
    ];

    public CellState Of(string code)
    {
        var errors = Errors(code);
        if (errors.Count == 0)
        {
            return new CellState(CellStatus.Complete);
        }

        var goesOn = !errors.Exists(IsUnexpected)
            && (errors.Exists(error => Unclosed.Contains(error.ErrorNumber)) || errors.TrueForAll(IsUnfinished));
        return goesOn ? new CellState(CellStatus.Incomplete, Indent(code)) : new CellState(CellStatus.Invalid);

        bool IsUnfinished(FSharpDiagnostic error) =>
            Unfinished.Contains(error.ErrorNumber) && error.EndLine > code.AsSpan().TrimEnd().Count('\n');
    }

    // FS0010 is said of a symbol that cannot stand there, and also of the text's end.
    private static bool IsUnexpected(FSharpDiagnostic error) => error.ErrorNumber == 10
        && (error.Message.StartsWith("Unexpected symbol", StringComparison.Ordinal)
            || error.Message.StartsWith("Unexpected keyword", StringComparison.Ordinal));

    private List<FSharpDiagnostic> Errors(string code) => engine.AnyTime(session =>
    {
        var checker = session.InteractiveChecker;
        var (options, _) = checker.GetParsingOptionsFromCommandLineArgs(
            ListModule.OfSeq([File]), ListModule.Empty<string>(), FSharpOption<bool>.Some(true), null);
        var parsing = checker.ParseFile(File, SourceText.ofString(code), options, null, null);
        var parsed = FSharpAsync.RunSynchronously(parsing, null, null);
        return parsed.Diagnostics.Where(d => d.Severity.IsError).ToList();
    });

    private static bool EndsOpen(string code)
    {
        var last = code.TrimEnd().Split([' ', '\n', '\t'])[^1];
        return Openers.Contains(last);
    }

    private static string Indent(string code)
    {
        var last = code.TrimEnd().Split('\n')[^1];
        var indent = last[..^last.TrimStart().Length];
        return EndsOpen(code) ? indent + Step : indent;
    }
}
