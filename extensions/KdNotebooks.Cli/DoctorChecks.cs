using KdNotebooks.Interactive;
using KdNotebooks.Kernel;
using KdNotebooks.Kernel.Engine;
using KdNotebooks.Runtime;

namespace KdNotebooks.Cli;

/// <summary>What <c>kd doctor</c> looks at beside what every host does; each check throws nothing.</summary>
internal static class DoctorChecks
{
    public static MachineReport All() => new([.. MachineReport.Take().Findings, Engine(), Folder(), Browser()]);

    private static MachineFinding Engine() => MachineReport.Try("F# engine", () =>
    {
        using var engine = new FSharpEngine();
        var result = engine.Evaluate("KdNotebooks.Runtime.RunContext.Current.Output |> ignore\n[1..3] |> List.sum");
        return result.Error is { } error
            ? throw new KdException(error.Message)
            : $"F# {typeof(Microsoft.FSharp.Core.Unit).Assembly.GetName().Version}, ready";
    });

    private static MachineFinding Folder() => MachineReport.Try("current folder", () =>
    {
        var folder = Directory.GetCurrentDirectory();
        File.Create(Path.Combine(folder, Path.GetRandomFileName()), 1, FileOptions.DeleteOnClose).Dispose();
        return $"{folder}, can be written";
    });

    private static MachineFinding Browser() => new(
        FindingState.Note, "browser",
        StaticFiguresBrowser.Find() ?? "no Chromium found (only --static-figures needs it; reports open in any browser)");
}
