using System.CommandLine;
using KdNotebooks.Methods;

namespace KdNotebooks.Cli;

/// <summary><c>kd methods</c>: what <c>--methods</c> and <c>Method.named</c> can name.</summary>
internal static class MethodsCommand
{
    public static Command Create(TextWriter output) => ListCommand.Create(
        "methods", "Lists the methods: aligner and loss, usual weight.", "One of them alone: at. [default: all]",
        () => MethodTable.Text, name => MethodTable.Block(NamedMethods.Find(name)), output);
}
