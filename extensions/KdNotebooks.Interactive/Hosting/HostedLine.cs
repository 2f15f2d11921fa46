using KdNotebooks.Interactive.Magics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Hosting;

/// <summary>
/// Reads a line that a host's own parser has accepted. It is read again because that parser replaces <c>@name</c> by a
/// text of the value, and without System.CommandLine because .NET Interactive carries another version of it.
/// </summary>
internal static class HostedLine
{
    /// <returns>What was said, by option; null where help was asked for.</returns>
    /// <exception cref="KdException">An option has no value.</exception>
    public static IReadOnlyDictionary<string, string>? Read(MagicCommand command, string line)
    {
        var said = new Dictionary<string, string>();
        var words = new Queue<string>(Words(line).Skip(1));
        while (words.TryDequeue(out var word))
        {
            if (word is "-h" or "--help")
            {
                return null;
            }

            var named = command.AllOptions.FirstOrDefault(option => option.Name == word);
            var option = named ?? Implicit(command, word);
            said[option.Name] = option.IsFlag ? ""
                : named is null ? word
                : words.TryDequeue(out var value) ? value
                : throw new KdException($"{command.Name}: {option.Name} has no value; expected {option.ValueName}.");
        }

        return said;
    }

    /// <summary>Spaces part words, double quotes keep them together.</summary>
    internal static IEnumerable<string> Words(string line)
    {
        var (word, quoted, begun) = (new System.Text.StringBuilder(), false, false);
        foreach (var letter in line)
        {
            if (letter == '"')
            {
                (quoted, begun) = (!quoted, true);
            }
            else if (char.IsWhiteSpace(letter) && !quoted)
            {
                if (begun)
                {
                    yield return word.ToString();
                }

                word.Clear();
                begun = false;
            }
            else
            {
                word.Append(letter);
                begun = true;
            }
        }

        if (begun)
        {
            yield return word.ToString();
        }
    }

    private static MagicOption Implicit(MagicCommand command, string word) =>
        command.AllOptions.FirstOrDefault(option => option.IsImplicit) is { } option && !word.StartsWith('-')
            ? option
            : throw new KdException(
                $"{command.Name}: '{word}' is no option; did you mean "
                + $"'{Nearest.Of(word, command.AllOptions.Select(known => known.Name))}'?");
}
