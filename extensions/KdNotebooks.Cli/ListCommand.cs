using System.CommandLine;

namespace KdNotebooks.Cli;

/// <summary>A command that lists what can be named, or shows one of it.</summary>
internal static class ListCommand
{
    /// <param name="name">"losses".</param>
    /// <param name="what">The command in a sentence.</param>
    /// <param name="argument">What a name that follows it does.</param>
    /// <param name="all">The list.</param>
    /// <param name="one">One of it by its name; throws where there is none.</param>
    public static Command Create(
        string name, string what, string argument, Func<string> all, Func<string, string> one, TextWriter output)
    {
        var chosen = new Argument<string?>("name") { Description = argument, Arity = ArgumentArity.ZeroOrOne };
        var command = new Command(name, what) { chosen };
        command.SetAction(parsed =>
        {
            output.Write(parsed.GetValue(chosen) is { } known ? one(known) : all());
            return KdCommand.Ok;
        });
        return command;
    }
}
