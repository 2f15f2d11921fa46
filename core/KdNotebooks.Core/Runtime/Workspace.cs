namespace KdNotebooks.Runtime;

/// <summary>Where what an experiment leaves behind goes: run folders, results.json. A host sets it once.</summary>
public static class Workspace
{
    /// <summary>The default value is "artifacts" below the current folder.</summary>
    public static string Output { get; set; } = Path.GetFullPath("artifacts");
}
