using FSharp.Compiler.Tokenization;
using KdNotebooks.Interactive.Magics;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace KdNotebooks.Kernel.Engine;

/// <summary>What is evaluated at once: F#, or the line of one magic command.</summary>
internal readonly record struct CellPart(string Text, bool IsMagic);

/// <summary>Prepares a cell's text for F# Interactive; every character left in keeps its line and column.</summary>
/// <remarks>
/// F# Interactive evaluates what stands before the first ";;" and drops the rest without a word, so a cell is cut
/// there. References to our own packages are blanked: the host carries these assemblies already, and a second copy from
/// a feed would bring types of its own. A line that begins with "#!" is no F#: it is a part of its own, unless it
/// stands within a string or a comment. "#quit" would end the host with all its values, and becomes an error that says so.
/// </remarks>
internal static class CellText
{
    public static IReadOnlyList<CellPart> Parts(string code)
    {
        var tokenizer = new FSharpSourceTokenizer(
            ListModule.Empty<string>(), FSharpOption<string>.Some("cell.fsx"), FSharpOption<string>.None);
        var state = FSharpTokenizerLexState.Initial;
        var lines = code.ReplaceLineEndings("\n").Split('\n');
        var parts = new List<CellPart>();
        var current = new List<string>();
        foreach (var line in lines)
        {
            if (IsMagic(line, state))
            {
                current.Add("");
                Close(current, parts);
                parts.Add(new CellPart(line.Trim(), IsMagic: true));
                current.Add("");
                continue;
            }

            var tokens = Tokens(tokenizer, line, ref state);
            var start = 0;
            foreach (var end in tokens.Where(token => token.TokenName == "SEMICOLON_SEMICOLON"))
            {
                current.Add(Columns(line, start, end.LeftColumn));
                Close(current, parts);
                start = end.RightColumn + 1;
            }

            current.Add(start == 0 && IsOwnReference(line, tokens) ? ""
                : start == 0 && IsQuit(line, tokens) ? Prelude.QuitCode
                : Columns(line, start, line.Length));
        }

        Close(current, parts);
        return parts;
    }

    // The next part begins with as many blank lines as came before it, so that its line numbers are the cell's.
    private static void Close(List<string> current, List<CellPart> parts)
    {
        if (current.Exists(line => !string.IsNullOrWhiteSpace(line)))
        {
            parts.Add(new CellPart(string.Join('\n', current), IsMagic: false));
        }

        for (var i = 0; i < current.Count; i++)
        {
            current[i] = "";
        }

        if (current.Count > 0)
        {
            current.RemoveAt(current.Count - 1);
        }
    }

    private static bool IsMagic(string line, FSharpTokenizerLexState state) =>
        line.AsSpan().TrimStart().StartsWith(MagicCatalogue.Sign)
        && FSharpLineTokenizer.ColorStateOfLexState(state)
            is FSharpTokenizerColorState.InitialState or FSharpTokenizerColorState.Token;

    private static string Columns(string line, int start, int end) =>
        string.IsNullOrWhiteSpace(line[start..end]) ? "" : new string(' ', start) + line[start..end];

    private static List<FSharpTokenInfo> Tokens(
        FSharpSourceTokenizer tokenizer, string line, ref FSharpTokenizerLexState state)
    {
        var tokens = new List<FSharpTokenInfo>();
        var scanner = tokenizer.CreateLineTokenizer(line);
        while (true)
        {
            (var token, state) = scanner.ScanToken(state);
            if (token?.Value is not { } found)
            {
                return tokens;
            }

            tokens.Add(found);
        }
    }

    private static bool IsOwnReference(string line, List<FSharpTokenInfo> tokens)
    {
        if (!IsDirective(tokens))
        {
            return false;
        }

        // "nuget: Name" and "nuget:Name" are both written.
        var words = line.Replace("nuget:", "nuget: ").Split([' ', '\t', '"', ','], StringSplitOptions.RemoveEmptyEntries);
        return words is ["#r", "nuget:", var package, ..]
            && package.StartsWith("KdNotebooks.", StringComparison.OrdinalIgnoreCase);
    }

    // F# Interactive ends its process at these.
    private static bool IsQuit(string line, List<FSharpTokenInfo> tokens) =>
        IsDirective(tokens) && line.Split("//")[0].Trim() is "#quit" or "#q" or "#exit";

    private static bool IsDirective(List<FSharpTokenInfo> tokens) =>
        tokens.FirstOrDefault(token => token.TokenName != "WHITESPACE") is { TokenName: "HASH" };
}
