using System.Text;
using FSharp.Compiler.Tokenization;
using KdNotebooks.Interactive.Formatting;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace KdNotebooks.Kernel.Report;

/// <summary>F# code in colors, by the compiler's own tokenizer; magic lines (`#!name`) have their own.</summary>
internal static class FSharpHtml
{
    public static string Highlight(string code)
    {
        var tokenizer = new FSharpSourceTokenizer(
            FSharpList<string>.Empty, FSharpOption<string>.Some("cell.fsx"), FSharpOption<string>.None);
        var state = FSharpTokenizerLexState.Initial;
        var html = new StringBuilder();
        foreach (var line in code.Split('\n'))
        {
            if (line.TrimStart().StartsWith("#!", StringComparison.Ordinal))
            {
                Append(html, "magic", line);
            }
            else
            {
                state = AppendLine(html, tokenizer.CreateLineTokenizer(line), line, state);
            }

            html.Append('\n');
        }

        return html.ToString(0, html.Length - 1);
    }

    private static FSharpTokenizerLexState AppendLine(
        StringBuilder html, FSharpLineTokenizer tokens, string line, FSharpTokenizerLexState state)
    {
        var (done, pending, kind) = (0, 0, "");
        while (true)
        {
            var (token, next) = tokens.ScanToken(state);
            state = next;
            if (token is null)
            {
                break;
            }

            var own = KindOf(token.Value.ColorClass);
            if (own != kind)
            {
                Append(html, kind, line[pending..done]);
                (pending, kind) = (done, own);
            }

            // The tokenizer may skip what it cannot read; nothing of the line may be lost.
            done = Math.Clamp(token.Value.RightColumn + 1, done, line.Length);
        }

        Append(html, kind, line[pending..done]);
        Append(html, "", line[done..]);
        return state;
    }

    private static void Append(StringBuilder html, string kind, string code)
    {
        if (code.Length > 0)
        {
            var text = HtmlText.Escape(code);
            html.Append(kind.Length == 0 ? text : $"<span class=\"{kind}\">{text}</span>");
        }
    }

    private static string KindOf(FSharpTokenColorKind kind) => kind switch
    {
        FSharpTokenColorKind.Keyword or FSharpTokenColorKind.PreprocessorKeyword => "kw",
        FSharpTokenColorKind.Comment or FSharpTokenColorKind.InactiveCode => "cm",
        FSharpTokenColorKind.String => "st",
        FSharpTokenColorKind.Number => "nu",
        FSharpTokenColorKind.UpperIdentifier => "ty",
        FSharpTokenColorKind.Operator => "op",
        _ => "",
    };
}
