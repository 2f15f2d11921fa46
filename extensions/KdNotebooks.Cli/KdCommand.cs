using System.CommandLine;
using System.CommandLine.Parsing;
using KdNotebooks.Interactive.Magics;

namespace KdNotebooks.Cli;

/// <summary>The <c>kd</c> command. Each subcommand is one file; adding one is one line here.</summary>
internal static class KdCommand
{
    /// <summary>The exit codes of every subcommand; <c>kd --help</c> lists them.</summary>
    public const int Ok = 0;
    public const int Failed = 1;
    public const int WrongUsage = 2;
    public const int Interrupted = 130;
    public const int OutputClosed = 141;

    /// <summary>Runs one command line and returns its exit code. Nothing is thrown for what a user can mend.</summary>
    public static int Run(
        string[] arguments, TextWriter output, TextWriter error, CancellationToken cancellation = default)
    {
        var verbose = new Option<bool>("--verbose")
        {
            Description = "After an error, shows where in the program it was found.",
            Recursive = true,
        };
        var root = new RootCommand(
            "Feature-distillation notebooks: run them, and see whether this machine can.\n"
            + "Exit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped, 141 nobody reads the output any more.")
        {
            verbose,
            RunCommand.Create(output, error, cancellation),
            TrainCommand.Create(output, error, cancellation),
            JupyterCommand.Create(output, error),
            DoctorCommand.Create(output),
            DataCommand.Create(output, error, cancellation),
            TeacherCommand.Create(output, error, cancellation),
            WeightsCommand.Create(output),
            MethodsCommand.Create(output),
            RecipesCommand.Create(output),
            NetworksCommand.Create(output),
            PartsCommand.Losses(output),
            PartsCommand.Aligners(output),
            PartsCommand.Page(output),
        };
        MagicVerbs.Create(output, error, cancellation).ToList().ForEach(root.Add);
        var parsed = root.Parse(arguments, MagicParser.Configuration);
        if (parsed.Errors.Count > 0)
        {
            error.WriteLine(UsageError.Message(parsed, arguments));
            error.WriteLine($"Usage: {UsageError.Synopsis(parsed)}");
            return WrongUsage;
        }

        if (UsageError.Empty(parsed.CommandResult) is { } empty)
        {
            error.WriteLine(empty);
            return WrongUsage;
        }

        try
        {
            // Ctrl-C is the subcommands' own business: the parser's handler would end the process after two seconds.
            return parsed.Invoke(new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (Exception problem)
        {
            return Failure.Say(problem, error, parsed.GetValue(verbose));
        }
    }
}

/// <summary>Says in one line what is wrong with a command line, with the nearest name that is right.</summary>
internal static class UsageError
{
    public static string Message(ParseResult parsed, string[] arguments)
    {
        // "--set" takes every value that follows it, a notebook's path too.
        if (Array.IndexOf(arguments, "--set") is var set and >= 0
            && Array.FindIndex(arguments, set, argument => argument.EndsWith(".ipynb", StringComparison.Ordinal)) > set)
        {
            return "The notebook's path goes before --set, which takes all name=value pairs that follow it.";
        }

        return UsageProblem.Of(parsed);
    }

    /// <summary>What is said of a value without a character: a shell's variable that was not set, mostly. Null where there is none.</summary>
    public static string? Empty(CommandResult command) => command.Children
        .Where(child => child.Tokens.Any(token => token.Type == TokenType.Argument && string.IsNullOrWhiteSpace(token.Value)))
        .Select(child => child is OptionResult option
            ? $"{option.Option.Name} is empty; expected {option.Option.HelpName ?? "a value"}, or leave the option out."
            : $"{((ArgumentResult)child).Argument.Name} is empty; expected what {Path(command)} --help says of it.")
        .FirstOrDefault();

    public static string Synopsis(ParseResult parsed) => parsed.CommandResult.Command is var command and not RootCommand
        ? command.Name == RunCommand.Name
            ? RunCommand.Synopsis
            : $"{Path(parsed.CommandResult)} [options]; {Path(parsed.CommandResult)} --help tells more"
        : $"kd <{string.Join("|", parsed.RootCommandResult.Command.Subcommands.Select(c => c.Name))}> [options]; "
            + "kd --help tells more";

    // "kd data verify"
    private static string Path(CommandResult result) => result.Parent is CommandResult { Command: not RootCommand } parent
        ? $"{Path(parent)} {result.Command.Name}"
        : $"kd {result.Command.Name}";
}
