namespace KdNotebooks.Interactive;

/// <summary>Paths as a reader of a shared notebook needs them: without the names of one machine where that can be.</summary>
public static class PathText
{
    /// <summary>
    /// Relative to the current folder where it is below that, "~" for the user's own folder, else as it is.
    /// </summary>
    public static string Of(string path)
    {
        var full = Path.GetFullPath(path);
        return Below(Directory.GetCurrentDirectory(), full) is { } here ? here
            : Below(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), full) is { } home
                ? Path.Combine("~", home)
            : full;
    }

    private static string? Below(string folder, string path)
    {
        var relative = folder.Length > 0 ? Path.GetRelativePath(folder, path) : path;
        return relative == ".." || relative.StartsWith($"..{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            || Path.IsPathRooted(relative)
                ? null
                : relative;
    }
}
