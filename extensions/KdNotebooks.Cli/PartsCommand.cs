using System.CommandLine;
using KdNotebooks.Catalogue;

namespace KdNotebooks.Cli;

/// <summary><c>kd losses</c>, <c>kd aligners</c> and <c>kd catalogue</c>: what can be named in a recipe.</summary>
internal static class PartsCommand
{
    public static Command Losses(TextWriter output) =>
        List("losses", "Lists the losses: formula, paper, options, claims.", PartTable.Losses, output);

    public static Command Aligners(TextWriter output) =>
        List("aligners", "Lists the aligners: formula, paper, options, claims.", PartTable.Aligners, output);

    public static Command Page(TextWriter output)
    {
        var command = new Command("catalogue", "Writes the page with all losses and aligners, in Markdown.");
        command.SetAction(_ =>
        {
            output.Write(PartPage.Markdown);
            return KdCommand.Ok;
        });
        return command;
    }

    private static Command List(string name, string what, PartTable table, TextWriter output) => ListCommand.Create(
        name, what, "One of them alone: at. [default: all]",
        table.ToString, kind => PartTable.Block(table[kind]), output);
}
