using System.Text.RegularExpressions;

namespace KdNotebooks.Kernel.Report;

/// <summary>What a terminal shows in the end: no color codes, and the last state of each rewritten line.</summary>
internal static partial class TerminalText
{
    public static string Plain(string text) => string.Join('\n', Codes().Replace(text, "")
        .Replace("\r\n", "\n").Split('\n').Select(line => line.TrimEnd('\r').Split('\r')[^1]));

    [GeneratedRegex(@"\x1B(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1B]*(\x07|\x1B\\)|[@-Z\\-_])")]
    private static partial Regex Codes();
}
