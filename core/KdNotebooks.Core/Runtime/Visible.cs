namespace KdNotebooks.Runtime;

/// <summary>
/// What a folder holds for its reader. What systems leave there is passed over: names that begin with a dot
/// (<c>.DS_Store</c>, <c>._x.png</c>), <c>__MACOSX</c>, <c>Thumbs.db</c>, <c>desktop.ini</c> and the like.
/// </summary>
internal static class Visible
{
    private static readonly HashSet<string> Left = new(StringComparer.OrdinalIgnoreCase)
    {
        "__MACOSX", "Thumbs.db", "ehthumbs.db", "desktop.ini", "$RECYCLE.BIN", "System Volume Information", "@eaDir",
        "lost+found",
    };

    /// <summary>Full paths of files, in no order; none where there is no such folder.</summary>
    /// <param name="end">What a name ends with; the default value takes all.</param>
    public static IEnumerable<string> Files(string folder, string end = "") => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder).Where(path => Is(path) && path.EndsWith(end, StringComparison.Ordinal))
        : [];

    /// <summary>Full paths of folders, in no order; none where there is no such folder.</summary>
    public static IEnumerable<string> Folders(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateDirectories(folder).Where(Is) : [];

    /// <summary>Whether the folder is there and holds anything for a reader.</summary>
    public static bool Any(string folder) => Files(folder).Concat(Folders(folder)).Any();

    private static bool Is(string path) =>
        Path.GetFileName(path) is var name && !name.StartsWith('.') && !Left.Contains(name);
}
