namespace KdNotebooks.Runtime;

/// <summary>What a host gives the experiments that run in it, where they are not given it themselves.</summary>
public static class Workspace
{
    /// <summary>
    /// Where what an experiment leaves behind goes: run folders, results.json. The default value is "artifacts" below
    /// the current folder.
    /// </summary>
    public static string Output { get; set; } = Path.GetFullPath("artifacts");
}
