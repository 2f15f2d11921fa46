namespace KdNotebooks.Interactive.Magics.Commands;

/// <param name="Command">Null for all.</param>
public sealed record HelpRequest(MagicCommand? Command);

/// <summary><c>#!kd-help</c>: all commands, or one of them.</summary>
internal sealed class HelpMagic : MagicCommand<HelpRequest>
{
    private static readonly MagicOption Command = new("--command", "One command alone.", "COMMAND")
    {
        IsImplicit = true,
        Default = "all",
    };

    public override string Name => "kd-help";

    public override string Summary => "Lists the magic commands, or shows the options of one.";

    public override IReadOnlyList<MagicOption> Options => [Command];

    public override string Example => "kd-help kd-ablate";

    public override bool HasResult => false;

    public override bool OnCommandLine => false;

    public override HelpRequest Read(MagicArguments arguments) =>
        new(arguments.Text(Command) is { } name ? MagicCatalogue.Find(name) : null);

    public override object? Run(HelpRequest request)
    {
        Display.Show(request.Command is { } one ? new MagicHelp(one) : new MagicList(MagicCatalogue.All));
        return null;
    }
}

/// <summary><c>#!lsmagic</c>: the same list, under the name that every kernel has it by.</summary>
internal sealed class ListMagic : MagicCommand
{
    public override string Name => "lsmagic";

    public override string Summary => "Lists the magic commands.";

    public override string Example => "lsmagic";

    public override bool HasResult => false;

    public override bool OnCommandLine => false;

    public override object? Invoke(MagicArguments arguments)
    {
        Display.Show(new MagicList(MagicCatalogue.All));
        return null;
    }
}
