using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive;

/// <summary>
/// Gives displays, progress and cancellation to one piece of work and to what it starts, until the scope is disposed.
/// The output folder stays.
/// </summary>
public sealed class HostScope(IDisplayHost host, IProgressReporter reporter, CancellationToken stop) : IDisposable
{
    private readonly IDisposable scope =
        RunContext.Use(new HostContext(host, reporter, RunContext.Current.Output, stop));

    public void Dispose() => scope.Dispose();
}
