using System.Diagnostics;
using KdNotebooks.Kernel.Engine;
using KdNotebooks.Kernel.Notebooks;
using KdNotebooks.Kernel.Report;
using KdNotebooks.Runtime;

namespace KdNotebooks.Kernel;

/// <summary>Runs a notebook from top to bottom without a browser, and stops at the first cell that fails.</summary>
/// <remarks>
/// The executed notebook is written after each cell, so that a run that is killed leaves what it had. Paths in a cell
/// are relative to the current folder of the process.
/// </remarks>
public sealed class NotebookRunner
{
    private readonly Notebook notebook;
    private readonly RunFolder folder;
    private readonly string name;

    /// <param name="source">The notebook's path, which gives the files their name.</param>
    /// <param name="output">
    /// The folder for the executed notebook, the report and, as <see cref="RunContext.Output"/>, what the cells
    /// write.
    /// </param>
    /// <exception cref="KdException">The folder cannot be written, or is the notebook's own.</exception>
    public NotebookRunner(Notebook notebook, string source, string output)
    {
        this.notebook = notebook;
        name = Path.GetFileNameWithoutExtension(source);
        folder = new RunFolder(output, source);
    }

    /// <summary>
    /// Runs it. A failing cell is a result, not an exception; the files are written whatever the end.
    /// </summary>
    public RunResult Run(FSharpEngine engine, IRunEvents events, CancellationToken cancellation = default)
    {
        var (started, clock) = (DateTime.UtcNow, Stopwatch.StartNew());
        notebook.Upgrade();
        RunRecord.Run(notebook, "running", started, TimeSpan.Zero);
        folder.SetEarlierRunAside();
        var cells = CodeCell.Of(notebook);
        foreach (var cell in notebook.Cells.Where(cell => cell.IsCode))
        {
            cell.SetOutputs(null, []);
        }

        using var output = RunContext.Use(RunContext.Current with { Output = folder.Root });
        var (run, last) = RunCells(cells, engine, events, cancellation);
        Conclude(RunRecord.Status(last, cells.Count == run), started, clock.Elapsed);
        var failed = last?.Error is { } error ? new FailedCell(run, cells[run - 1].Cell.Source, error) : null;
        var cancelled = failed is null && (last?.Cancelled == true || run < cells.Count);
        return new RunResult(run, cells.Count, failed, cancelled, clock.Elapsed, folder.Files);
    }

    private (int Run, CellResult? Last) RunCells(
        IReadOnlyList<CodeCell> cells, FSharpEngine engine, IRunEvents events, CancellationToken cancellation)
    {
        var results = new List<CellResult>();
        foreach (var (cell, title) in cells)
        {
            if (cancellation.IsCancellationRequested || results is [.., { Succeeded: false }])
            {
                break;
            }

            var number = results.Count + 1;
            events.Started(number, cells.Count, title);
            var started = DateTime.UtcNow;
            var result = engine.Evaluate(cell.Source, number, events, cancellation);
            results.Add(result);
            RunRecord.Cell(cell, started, result.Elapsed);
            // All of them: a later cell may have replaced an earlier cell's display.
            for (var i = 0; i < results.Count; i++)
            {
                cells[i].Cell.SetOutputs(i + 1, NotebookOutputs.Of(results[i], i + 1));
            }

            notebook.Save(folder.Notebook);
            events.Finished(number, result);
        }

        return (results.Count, results.LastOrDefault());
    }

    private void Conclude(string status, DateTime started, TimeSpan elapsed)
    {
        RunRecord.Run(notebook, status, started, elapsed);
        notebook.Save(folder.Notebook);
        AtomicFile.Write(folder.Report, HtmlReport.Render(notebook.Json, name));
    }
}
