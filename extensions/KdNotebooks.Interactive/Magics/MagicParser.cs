using System.CommandLine;
using System.CommandLine.Parsing;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Magics;

/// <summary>Reads lines by System.CommandLine, with the same rules in a cell and for <c>kd</c>.</summary>
public static class MagicParser
{
    /// <summary>"@name" is a value, not a file of further arguments.</summary>
    public static ParserConfiguration Configuration { get; } = new() { ResponseFileTokenReplacer = null };

    /// <summary>The command for a parser, under a name of the caller's choice.</summary>
    /// <param name="act">Is given what was said, by option; its result is the exit code.</param>
    public static Command ToCommand(
        this MagicCommand magic, string name, Func<IReadOnlyDictionary<string, string>, int> act)
    {
        var command = new Command(name, magic.Summary);
        var readers = magic.AllOptions.Select(option => Add(command, option)).ToList();
        command.SetAction(parsed => act(readers.Select(read => read(parsed)).OfType<KeyValuePair<string, string>>()
            .ToDictionary(pair => pair.Key, pair => pair.Value)));
        return command;
    }

    /// <summary>Reads what stands behind the command's name in a line.</summary>
    /// <param name="words">"--seeds", "3".</param>
    /// <returns>What was said, by option; null where help was asked for.</returns>
    /// <exception cref="KdException">The line cannot be read; the message names the nearest option.</exception>
    public static IReadOnlyDictionary<string, string>? Read(MagicCommand magic, IReadOnlyList<string> words)
    {
        if (words.Any(word => word is "-h" or "--help" or "-?"))
        {
            return null;
        }

        IReadOnlyDictionary<string, string> said = new Dictionary<string, string>();
        var command = magic.ToCommand(magic.Name, read =>
        {
            said = read;
            return 0;
        });
        var parsed = command.Parse(words, Configuration);
        if (parsed.Errors.Count > 0)
        {
            throw new KdException($"{magic.Name}: {UsageProblem.Of(parsed)} Usage: {MagicHelp.Synopsis(magic)}");
        }

        parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        return said;
    }

    /// <summary>A line without its sign as words: spaces part them, double quotes keep them together.</summary>
    public static IReadOnlyList<string> Words(string line) => [.. CommandLineParser.SplitCommandLine(line)];

    private static Func<ParseResult, KeyValuePair<string, string>?> Add(Command command, MagicOption option)
    {
        if (option.IsFlag)
        {
            var flag = new Option<bool>(option.Name) { Description = option.Help };
            command.Add(flag);
            return parsed => parsed.GetValue(flag) ? new(option.Name, "") : null;
        }

        var named = new Option<string?>(option.Name)
        {
            Description = Described(option),
            HelpName = option.ValueName,
            Required = option.IsRequired && !option.IsImplicit,
        };
        command.Add(named);
        if (!option.IsImplicit)
        {
            return parsed => Said(option, parsed.GetValue(named));
        }

        // Whether it is required is known to who reads the request: it may stand in either place.
        var bare = new Argument<string?>(option.ValueName)
        {
            Description = Described(option),
            Arity = ArgumentArity.ZeroOrOne,
        };
        named.Hidden = true;
        command.Add(bare);
        return parsed => Said(option, parsed.GetValue(bare) ?? parsed.GetValue(named));
    }

    private static KeyValuePair<string, string>? Said(MagicOption option, string? text) =>
        text is null ? null : new(option.Name, text);

    private static string Described(MagicOption option) =>
        option.Default.Length == 0 ? option.Help : $"{option.Help} [default: {option.Default}]";
}
