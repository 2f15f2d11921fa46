using KdNotebooks.Runtime;

namespace KdNotebooks.Runs;

/// <summary>How an experiment is run; nothing here changes what comes out.</summary>
/// <param name="Folder">Where run folders go; null for "runs" below <see cref="Workspace.Output"/>.</param>
/// <param name="Progress">Null for <see cref="ProgressReporter.Current"/>.</param>
public sealed record ExperimentOptions(string? Folder = null, IProgressReporter? Progress = null)
{
    internal string RunsFolder => Folder ?? Path.Combine(Workspace.Output, "runs");
}
