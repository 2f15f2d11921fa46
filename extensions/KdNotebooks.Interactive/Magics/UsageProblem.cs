using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Magics;

/// <summary>What is wrong with a command line, in one line, with the nearest name that is right.</summary>
public static class UsageProblem
{
    /// <param name="parsed">With at least one error.</param>
    public static string Of(System.CommandLine.ParseResult parsed)
    {
        if (parsed.UnmatchedTokens is not [var unknown, ..])
        {
            return parsed.Errors[0].Message;
        }

        var command = parsed.CommandResult.Command;
        string[] names = unknown.StartsWith('-')
            ? [.. command.Options.Where(option => !option.Hidden).Select(option => option.Name)]
            : [.. command.Subcommands.Select(subcommand => subcommand.Name)];
        return names.Length == 0
            ? $"Unexpected argument '{unknown}'."
            : $"Unknown {(unknown.StartsWith('-') ? "option" : "command")} '{unknown}'; "
                + $"did you mean '{Nearest.Of(unknown, names)}'?";
    }
}
