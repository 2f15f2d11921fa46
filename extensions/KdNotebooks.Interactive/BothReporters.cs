using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive;

/// <summary>Progress for two places at once: the console of a headless run, and the cell's output.</summary>
public sealed class BothReporters(IProgressReporter first, IProgressReporter second) : IProgressReporter
{
    public IProgressTask Start(string title, long total, string unit) =>
        new BothTasks(first.Start(title, total, unit), second.Start(title, total, unit));

    private sealed class BothTasks(IProgressTask one, IProgressTask other) : IProgressTask
    {
        public void Report(long done, string? note = null)
        {
            one.Report(done, note);
            other.Report(done, note);
        }

        public void Dispose()
        {
            one.Dispose();
            other.Dispose();
        }
    }
}
