using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Magics;

/// <summary>Does what one line of a cell says.</summary>
public static class MagicLine
{
    /// <param name="line">"#!kd-ablate --aligner none,mlp1 --as depth".</param>
    /// <param name="values">Where <c>@name</c> is looked up, and where <c>--as</c> names what came out.</param>
    /// <exception cref="KdException">
    /// The command or an option is not known (the nearest is named), or the work fails.
    /// </exception>
    public static void Run(string line, IMagicValues values)
    {
        var words = MagicParser.Words(line.Trim());
        var command = MagicCatalogue.Find(words[0]);
        Run(command, MagicParser.Read(command, [.. words.Skip(1)]), values);
    }

    /// <summary>For a host that has read the line itself.</summary>
    /// <param name="said">
    /// By the option's name: "--aligner" to "none,mlp1"; a flag has an empty text. Null where help was asked for.
    /// </param>
    public static void Run(MagicCommand command, IReadOnlyDictionary<string, string>? said, IMagicValues values)
    {
        if (said is null)
        {
            Display.Show(new MagicHelp(command));
            return;
        }

        var name = said.GetValueOrDefault(MagicCommand.As.Name);
        RequireIdentifier(command, name);
        var result = command.Invoke(new MagicArguments(command.Name, said, values));
        if (name is not null && result is not null)
        {
            values.Set(name, result);
        }
    }

    // Before the work, which may take hours.
    private static void RequireIdentifier(MagicCommand command, string? name)
    {
        var sound = name is null
            || (name.Length > 0 && (char.IsLetter(name[0]) || name[0] == '_')
                && name.All(letter => char.IsLetterOrDigit(letter) || letter is '_' or '\''));
        if (!sound)
        {
            throw new KdException(
                $"{command.Name}: --as is '{name}'; expected a name that F# can bind: "
                + "a letter, then letters and digits.");
        }
    }
}
