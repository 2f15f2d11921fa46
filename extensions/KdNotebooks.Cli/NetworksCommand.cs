using System.CommandLine;
using KdNotebooks.Models.Classification;

namespace KdNotebooks.Cli;

/// <summary><c>kd networks</c>: what <c>Student.named</c> and <c>kd taps</c> can name.</summary>
internal static class NetworksCommand
{
    public static Command Create(TextWriter output) => ListCommand.Create(
        "networks", "Lists the networks that have a name: whose parameter names they have, what they are.",
        "One of them: where its features are, and its options. [default: a line each]",
        () => NamedNetworks.List, name => NamedNetworks.Find(name).Text, output);
}
