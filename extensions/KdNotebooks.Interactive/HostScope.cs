using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive;

/// <summary>
/// Gives displays, progress and cancellation of this process to one piece of work, and back when it has ended.
/// </summary>
public sealed class HostScope : IDisposable
{
    private readonly IDisplayHost display = Display.Host;
    private readonly IProgressReporter progress = ProgressReporter.Current;
    private readonly CancellationToken cancellation = Cancellation.Current;

    public HostScope(IDisplayHost host, IProgressReporter reporter, CancellationToken stop) => Set(host, reporter, stop);

    public void Dispose() => Set(display, progress, cancellation);

    /// <summary>For a host that has no end of a piece of work to wait for.</summary>
    internal static void Set(IDisplayHost host, IProgressReporter reporter, CancellationToken stop) =>
        (Display.Host, ProgressReporter.Current, Cancellation.Current) = (host, reporter, stop);
}
