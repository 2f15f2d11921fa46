using System.Diagnostics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive;

/// <summary>One bar: how far the work is, and since when.</summary>
internal sealed class ProgressBar(
    string title, long total, string unit, Action<ProgressBar, Action> change) : IProgressTask
{
    private TimeSpan? ended;

    /// <summary>A stopwatch's timestamp.</summary>
    public long Started { get; } = Stopwatch.GetTimestamp();

    public string Title => title;

    public long Total => total;

    public string Unit => unit;

    public long Done { get; private set; }

    public string Note { get; private set; } = "";

    public bool IsClosed => ended is not null;

    public TimeSpan Elapsed => ended ?? Stopwatch.GetElapsedTime(Started);

    /// <summary>From 0 to 1; null where the whole is not known.</summary>
    public double? Part => total > 0 ? Math.Clamp((double)Done / total, 0, 1) : null;

    public void Report(long done, string? note = null) => change(this, () => (Done, Note) = (done, note ?? Note));

    public void Dispose()
    {
        if (!IsClosed)
        {
            change(this, () => ended = Stopwatch.GetElapsedTime(Started));
        }
    }
}
