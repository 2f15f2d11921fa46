using KdNotebooks.Interactive;
using KdNotebooks.Kernel;
using KdNotebooks.Kernel.Engine;
using KdNotebooks.Runtime;

namespace KdNotebooks.Cli;

/// <summary>Shows a run on the console: a line for each cell, its text as it comes, bars, and how it ended.</summary>
internal sealed class RunConsole : IRunEvents
{
    private readonly ConsoleProgress progress;
    private readonly TextWriter error;

    public RunConsole(TextWriter output, TextWriter error)
    {
        progress = new ConsoleProgress(output);
        this.error = error;
    }

    public IProgressReporter Progress => progress;

    public void Started(int number, int total, string title) =>
        progress.Line(title.Length == 0 ? $"[{number}/{total}]" : $"[{number}/{total}] {title}");

    public void Printed(string name, string text) => progress.Text(text);

    public void Shown(DisplayOutput output) => ShowText(output.Bundle);

    // The bars and the table at the end say it; a console cannot replace what it has printed.
    public void Updated(DisplayOutput output) { }

    public void Finished(int number, CellResult result) => progress.FinishLine();

    public void Conclude(string path, RunResult result)
    {
        progress.Line("");
        if (result.Failed is { } failed)
        {
            foreach (var line in FailureText.Of(path, failed))
            {
                error.WriteLine(line);
            }

            error.WriteLine();
        }

        var outcome = result.Cancelled ? "Stopped" : result.Succeeded ? "Done" : "Failed";
        progress.Line($"{outcome} after {Duration.Text(result.Elapsed)}, "
            + $"{result.CellsRun} of {result.Cells} cells run. Files:");
        foreach (var file in result.Files)
        {
            progress.Line("  " + Path.GetRelativePath(".", file));
        }
    }

    private void ShowText(MimeBundle bundle)
    {
        if (bundle.Data.TryGetValue(MimeBundle.Text, out var text) && text.Trim().Length > 0)
        {
            progress.Line(text.TrimEnd());
        }
    }
}
