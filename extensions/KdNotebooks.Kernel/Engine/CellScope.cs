using KdNotebooks.Interactive;
using KdNotebooks.Runtime;

namespace KdNotebooks.Kernel.Engine;

/// <summary>Gives the process's output to one cell, and back to the host when the cell has ended.</summary>
internal sealed class CellScope : IDisposable
{
    private readonly TextWriter standard = Console.Out;
    private readonly TextWriter error = Console.Error;
    private readonly IDisplayHost host = Display.Host;
    private readonly CancellationToken cancellation = Cancellation.Current;
    private readonly IProgressReporter progress = ProgressReporter.Current;

    public CellScope(CellRecorder recorder, CancellationToken token)
    {
        Console.SetOut(recorder.Out);
        Console.SetError(recorder.Error);
        Display.Host = recorder;
        Cancellation.Current = token;
        // A host with bars of its own shows those; the cell's outputs hold the bars in either case.
        ProgressReporter.Current = progress == ProgressReporter.Silent
            ? new LiveProgress(recorder.Show)
            : new BothReporters(progress, new LiveProgress(recorder.Keep));
    }

    public void Dispose()
    {
        Console.SetOut(standard);
        Console.SetError(error);
        Display.Host = host;
        Cancellation.Current = cancellation;
        ProgressReporter.Current = progress;
    }
}
