using System.CommandLine;
using KdNotebooks.Methods;

namespace KdNotebooks.Cli;

/// <summary><c>kd methods</c>: what <c>--methods</c> and <c>Method.named</c> can name.</summary>
internal static class MethodsCommand
{
    public static Command Create(TextWriter output)
    {
        var one = new Argument<string?>("name")
        {
            Description = "One of them alone: at. [default: all]",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("methods", "Lists the methods: aligner and loss, usual weight.") { one };
        command.SetAction(parsed =>
        {
            output.Write(parsed.GetValue(one) is { } name
                ? MethodTable.Block(NamedMethods.Find(name))
                : MethodTable.Text);
            return KdCommand.Ok;
        });
        return command;
    }
}
