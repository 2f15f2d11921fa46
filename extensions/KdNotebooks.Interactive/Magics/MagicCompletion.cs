namespace KdNotebooks.Interactive.Magics;

/// <summary>Completes a line that holds a magic command: its name, its options, their words, values by name.</summary>
public static class MagicCompletion
{
    /// <param name="line">The line up to the cursor.</param>
    /// <returns>Whole words that fit, and where in the line the word begins; null where it is no magic line.</returns>
    public static (int Start, IReadOnlyList<string> Words)? Of(string line, IMagicValues values)
    {
        var text = line.TrimStart();
        if (!text.StartsWith(MagicCatalogue.Sign, StringComparison.Ordinal))
        {
            return null;
        }

        // A list is completed part by part: "none,li" goes on with "linear".
        var word = line.LastIndexOf(' ') + 1;
        var begun = line[word..];
        if (!text.Contains(' '))
        {
            return (word, Fitting(begun, MagicCatalogue.All.Select(command => MagicCatalogue.Sign + command.Name)));
        }

        return MagicCatalogue.All.FirstOrDefault(command => text.StartsWith(
                $"{MagicCatalogue.Sign}{command.Name} ", StringComparison.Ordinal)) is not { } command
            ? (word, [])
            : begun.StartsWith('-')
                ? (word, Fitting(begun, command.AllOptions.Select(option => option.Name).Append("--help")))
                : Values(command, line, begun, values);
    }

    private static (int, IReadOnlyList<string>) Values(
        MagicCommand command, string line, string begun, IMagicValues values)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var before = begun.Length > 0 ? words[^2] : words[^1];
        var option = command.AllOptions.FirstOrDefault(option => option.Name == before && !option.IsFlag)
            ?? command.AllOptions.FirstOrDefault(option => option.IsImplicit);
        if (option is null)
        {
            return (line.Length - begun.Length,
                Fitting(begun, command.AllOptions.Select(option => option.Name)));
        }

        var part = begun.LastIndexOf(',') + 1;
        var known = option.Known.Concat(Named(option, values).Select(name => MagicArguments.ValueSign + name));
        return (line.Length - begun.Length + part, Fitting(begun[part..], known));
    }

    private static IEnumerable<string> Named(MagicOption option, IMagicValues values) => option.Takes is not { } type
        ? []
        : values.Names.Distinct().Where(name => values.TryGet(name, out var value) && type.IsInstanceOfType(value));

    private static IReadOnlyList<string> Fitting(string begun, IEnumerable<string> words) =>
        [.. words.Where(word => word.StartsWith(begun, StringComparison.OrdinalIgnoreCase))];
}
