using KdNotebooks.Interactive.Charts;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive;

/// <summary>
/// Gives displays, progress and cancellation to one piece of work and to what it starts, until the scope is disposed.
/// The output folder stays.
/// </summary>
public sealed class HostScope : IDisposable
{
    private readonly IDisposable scope;

    /// <param name="styles">The notebook's; null for those of the host around this, or new ones.</param>
    public HostScope(
        IDisplayHost host, IProgressReporter reporter, CancellationToken stop, MethodStyles? styles = null)
    {
        var around = RunContext.Current;
        scope = RunContext.Use(new HostContext(host, reporter, around.Output, stop)
        {
            Styles = styles ?? (around as HostContext)?.Styles ?? new MethodStyles(),
        });
    }

    public void Dispose() => scope.Dispose();
}
