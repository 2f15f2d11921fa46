using System.Text.RegularExpressions;

namespace KdNotebooks.Tests;

/// <summary>The repository's own source files, for tests of how the house is built.</summary>
internal static partial class Sources
{
    /// <summary>The folder that KdNotebooks.sln stands in.</summary>
    public static string Root { get; } = Above(AppContext.BaseDirectory);

    /// <summary>The source files below a folder of the repository, by their path from that folder.</summary>
    /// <param name="folder">From the repository's root, as in "core/KdNotebooks.Core".</param>
    /// <param name="extension">With its dot: ".cs".</param>
    public static IEnumerable<(string Path, string Text)> Below(string folder, string extension)
    {
        var top = Path.Combine(Root, folder);
        return Directory.EnumerateFiles(top, $"*{extension}", SearchOption.AllDirectories)
            .Select(file => (File: file, Path: Path.GetRelativePath(top, file).Replace('\\', '/')))
            .Where(entry => !entry.Path.Split('/').Any(part => part is "bin" or "obj"))
            .OrderBy(entry => entry.Path, StringComparer.Ordinal)
            .Select(entry => (entry.Path, File.ReadAllText(entry.File)));
    }

    /// <summary>C# or F# without its comments and the content of its strings.</summary>
    public static string Code(string text) => CommentOrString().Replace(text, " ");

    /// <summary>The names of the types that C# code declares, without nested ones.</summary>
    public static IEnumerable<string> Types(string code) =>
        Declaration().Matches(code).Select(found => found.Groups["name"].Value);

    private static string Above(string folder) => File.Exists(Path.Combine(folder, "KdNotebooks.sln"))
        ? folder
        : Above(Path.GetDirectoryName(folder)
            ?? throw new DirectoryNotFoundException("KdNotebooks.sln is in no folder above the tests' own."));

    // An interpolated string goes with what it interpolates: a name that is used there alone is not seen.
    [GeneratedRegex("""
        "{3}.*?"{3} | @"(?:[^"]|"")*" | "(?:[^"\\\n]|\\.)*" | '"' | //[^\n]* | /\*.*?\*/
        """, RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex CommentOrString();

    [GeneratedRegex(
        @"^(?:[a-z]+ )*(?:class|interface|enum|struct|record(?: struct| class)?|delegate \S+) (?<name>[A-Z]\w*)",
        RegexOptions.Multiline)]
    private static partial Regex Declaration();
}
