namespace KdNotebooks.Datasets;

/// <summary>A folder where a dataset was looked for.</summary>
/// <param name="Folder">Full path; it need not exist.</param>
/// <param name="Source">Why it was looked at: "KD_DATA", "downloaded", "Debian package dataset-fashion-mnist".</param>
/// <param name="Missing">Names of the files that are not there; empty where the dataset is complete.</param>
public sealed record DataPlace(string Folder, string Source, IReadOnlyList<string> Missing)
{
    /// <summary>Whether all files are there; whether they are sound is another question.</summary>
    public bool Complete => Missing.Count == 0;
}

/// <summary>What a check says of one file of a dataset.</summary>
/// <param name="File">The file's path.</param>
/// <param name="Sound">Whether it holds exactly the official content.</param>
/// <param name="Message">What it holds, or what is wrong and what to do.</param>
public sealed record DataFinding(string File, bool Sound, string Message);

/// <summary>Where datasets are kept.</summary>
public static class DataFolders
{
    /// <summary>What the environment variable KD_DATA names; null where it is not set.</summary>
    public static string? Named =>
        Environment.GetEnvironmentVariable("KD_DATA") is { Length: > 0 } folder ? Path.GetFullPath(folder) : null;

    /// <summary>
    /// Where downloads go: kdnotebooks below XDG_DATA_HOME or ~/.local/share on Linux, below the local application
    /// data folder elsewhere.
    /// </summary>
    public static string User => Path.Combine(
        Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "kdnotebooks");
}
