using KdNotebooks.Interactive;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Runtime;

namespace KdNotebooks.Kernel.Engine;

/// <summary>
/// Gives the process's output to one cell, and back to the host when the cell has ended; says what else it is given.
/// </summary>
internal sealed class CellScope : IDisposable
{
    private readonly TextWriter standard = Console.Out;
    private readonly TextWriter error = Console.Error;

    /// <param name="styles">The notebook's.</param>
    public CellScope(CellRecorder recorder, MethodStyles styles, CancellationToken token)
    {
        Console.SetOut(recorder.Out);
        Console.SetError(recorder.Error);
        var own = RunContext.Current;
        Context = new HostContext(recorder, Progress(recorder, own.Progress), own.Output, token)
        {
            Styles = styles,
        };
    }

    /// <summary>The cell's, to be set where it runs.</summary>
    public HostContext Context { get; }

    public void Dispose()
    {
        Console.SetOut(standard);
        Console.SetError(error);
    }

    // A host with bars of its own shows those; the cell's outputs hold the bars in either case.
    private static IProgressReporter Progress(CellRecorder recorder, IProgressReporter own) =>
        own == ProgressReporter.Silent
            ? new LiveProgress(recorder.Show)
            : new BothReporters(own, new LiveProgress(recorder.Keep));
}
