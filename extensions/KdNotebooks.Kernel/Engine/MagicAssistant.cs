using KdNotebooks.Interactive;
using KdNotebooks.Interactive.Magics;

namespace KdNotebooks.Kernel.Engine;

/// <summary>Knows the lines of magic commands: names, options, words, and the values that fit.</summary>
/// <remarks>While a cell runs it knows nothing of values, as <see cref="FSharpAssistant"/>.</remarks>
internal sealed class MagicAssistant(FSharpEngine engine) : ICellAssistant
{
    public Completions? Complete(string code, int cursor)
    {
        var place = TextPlace.Of(code, cursor);
        if (!IsMagic(place))
        {
            return null;
        }

        var found = engine.BetweenCells<Found>(session => Of(place, new SessionValues(session)))
            ?? Of(place, new NoMagicValues());
        return found is null ? null : new Completions(
            cursor - place.Column + found.Start, cursor, [.. found.Words.Select(word => new Completion(word, "magic"))]);
    }

    public MimeBundle? Inspect(string code, int cursor)
    {
        var place = TextPlace.Of(code, cursor);
        var name = place.Text.Trim().Split(' ')[0];
        var command = MagicCatalogue.All.FirstOrDefault(command => MagicCatalogue.Sign + command.Name == name);
        return command is null ? null : Formatters.Format(new MagicHelp(command));
    }

    private static bool IsMagic(TextPlace place) =>
        place.Text.AsSpan().TrimStart().StartsWith(MagicCatalogue.Sign, StringComparison.Ordinal);

    private static Found? Of(TextPlace place, IMagicValues values) =>
        MagicCompletion.Of(place.Text[..place.Column], values) is { } found ? new(found.Start, found.Words) : null;

    private sealed record Found(int Start, IReadOnlyList<string> Words);
}
