using FSharp.Compiler.CodeAnalysis;
using FSharp.Compiler.EditorServices;
using FSharp.Compiler.Interactive;
using FSharp.Compiler.Tokenization;
using KdNotebooks.Interactive;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace KdNotebooks.Kernel.Engine;

/// <summary>
/// Knows F#: what the session's cells defined, what is opened, and the members of what stands before a dot.
/// </summary>
/// <remarks>While a cell runs it knows nothing: the compiler's state is that cell's.</remarks>
internal sealed class FSharpAssistant(FSharpEngine engine) : ICellAssistant
{
    public Completions? Complete(string code, int cursor) =>
        engine.BetweenCells(session => Complete(session, code, TextPlace.Of(code, cursor), cursor));

    public MimeBundle? Inspect(string code, int cursor) =>
        engine.BetweenCells(session => Inspect(session, code, TextPlace.Of(code, cursor)));

    private static Completions Complete(Shell.FsiEvaluationSession session, string code, TextPlace place, int cursor)
    {
        var name = QuickParse.GetPartialLongNameEx(place.Text, place.Column - 1);
        var (parsed, check, _) = session.ParseAndCheckInteraction(code, FSharpOption<bool>.None);
        var found = check.GetDeclarationListInfo(
            FSharpOption<FSharpParseFileResults>.Some(parsed), place.Line, place.Text, name, null, null, null);
        var items = found.Items.Select(item => new Completion(item.NameInCode, Kind(item)));
        var typed = place.WordBefore();
        if (name.LastDotPos is null && typed.Length > 0)
        {
            items = items.Concat(
                FSharpKeywords.KeywordsWithDescription.Select(word => new Completion(word.Item1, "keyword")));
        }

        var all = items.DistinctBy(item => item.Text).ToList();
        var exact = all.FindAll(item => Begins(item, typed, StringComparison.Ordinal));
        return new Completions(
            cursor - typed.Length, cursor,
            exact.Count > 0 ? exact : all.FindAll(item => Begins(item, typed, StringComparison.OrdinalIgnoreCase)));
    }

    private static bool Begins(Completion item, string typed, StringComparison comparison) =>
        item.Text.AsSpan().TrimStart('`').StartsWith(typed, comparison);

    private static MimeBundle? Inspect(Shell.FsiEvaluationSession session, string code, TextPlace place)
    {
        var (_, check, _) = session.ParseAndCheckInteraction(code, FSharpOption<bool>.None);
        return Names(place).Select(Tip).FirstOrDefault(tip => tip is not null);

        MimeBundle? Tip(Tuple<string, int, bool> name) => ToolTip.Of(check.GetToolTip(
            place.Line, name.Item2, place.Text, ListModule.OfSeq(name.Item1.Split('.')), FSharpTokenTag.Identifier,
            null));
    }

    // The name at the cursor; then, within the brackets of a call, the name of what is called.
    private static IEnumerable<Tuple<string, int, bool>> Names(TextPlace place)
    {
        var depth = 0;
        for (var column = place.Column; column >= 0; column--)
        {
            var within = column < place.Column ? place.Text[column] : ' ';
            depth += within == ')' ? 1 : within == '(' ? -1 : 0;
            if ((column == place.Column || depth < 0)
                && QuickParse.GetCompleteIdentifierIsland(true, place.Text, column)?.Value is { } name)
            {
                yield return name;
            }
        }
    }

    private static string Kind(DeclarationListItem item) => item.Glyph.ToString().ToLowerInvariant();
}
