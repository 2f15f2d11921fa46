using System.CommandLine;
using KdNotebooks.Interactive;
using KdNotebooks.Interactive.Magics;

namespace KdNotebooks.Cli;

/// <summary>
/// The magic commands of a notebook as subcommands: <c>#!kd-ablate</c> is <c>kd ablate</c>. What a cell names with
/// <c>@name</c> is a file here; what would be shown is printed.
/// </summary>
internal static class MagicVerbs
{
    private const string Prefix = "kd-";

    public static IEnumerable<Command> Create(TextWriter output, TextWriter error, CancellationToken cancellation) =>
        MagicCatalogue.All.Where(magic => magic.OnCommandLine && !IsPartOfAnother(magic))
            .Select(magic => Create(magic, Name(magic), output, error, cancellation));

    /// <summary>One of them, for a command that has it as a subcommand of its own.</summary>
    public static Command Create(
        string magic, string name, TextWriter output, TextWriter error, CancellationToken cancellation) =>
        Create(MagicCatalogue.Find(magic), name, output, error, cancellation);

    // "kd data" has other subcommands too.
    private static bool IsPartOfAnother(MagicCommand magic) => magic.Name == "kd-data";

    private static string Name(MagicCommand magic) => magic.Name[Prefix.Length..];

    private static Command Create(
        MagicCommand magic, string name, TextWriter output, TextWriter error, CancellationToken cancellation) =>
        magic.ToCommand(name, said => LongWork.Run(error, stop =>
        {
            var console = new ConsoleProgress(output);
            using var host = new HostScope(new Printer(console), console, stop);
            MagicLine.Run(magic, InFolder(magic, name, said), new NoMagicValues());
            return KdCommand.Ok;
        }, cancellation));

    // Without a notebook there is no output folder: a command that writes runs gets one of its own.
    private static IReadOnlyDictionary<string, string> InFolder(
        MagicCommand magic, string name, IReadOnlyDictionary<string, string> said)
    {
        const string folder = "--out";
        var writesRuns = magic.AllOptions.Any(option => option.Name == folder && option.ValueName == "DIR");
        return said.ContainsKey(folder) || !writesRuns
            ? said
            : new Dictionary<string, string>(said) { [folder] = Path.Combine("artifacts", name) };
    }

    /// <summary>Prints displays; what was printed is not replaced.</summary>
    private sealed class Printer(ConsoleProgress console) : IDisplayHost, IShownDisplay
    {
        public IShownDisplay Show(MimeBundle bundle)
        {
            if (bundle.Data.TryGetValue(MimeBundle.Text, out var text) && text.Trim().Length > 0)
            {
                console.Line(text.TrimEnd());
            }

            return this;
        }

        public void Update(MimeBundle bundle) { }
    }
}
