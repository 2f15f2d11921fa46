using System.Diagnostics;
using KdNotebooks.Interactive;
using KdNotebooks.Runtime;

namespace KdNotebooks.Cli;

/// <summary>A bar for a log: ASCII lines at the start, at about every quarter, and at the end.</summary>
internal sealed class PlainBar : IProgressTask
{
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly ConsoleProgress console;
    private readonly string title;
    private readonly string unit;
    private readonly long total;
    private long done;
    private long quarter;
    private string note = "";
    private bool closed;

    public PlainBar(ConsoleProgress console, string title, long total, string unit)
    {
        (this.console, this.title, this.total, this.unit) = (console, title, total, unit);
        console.Line(total > 0 ? $"{title}: 0 of {total} {unit}" : $"{title}: started");
    }

    public void Report(long done, string? note = null)
    {
        this.done = done;
        this.note = note ?? this.note;
        var now = total > 0 ? done * 4 / total : 0;
        if (now > quarter && now < 4)
        {
            quarter = now;
            console.Line(Text());
        }
    }

    public void Dispose()
    {
        if (!closed)
        {
            closed = true;
            console.Line(Text());
        }
    }

    private string Text()
    {
        var elapsed = clock.Elapsed;
        var parts = new List<string>
        {
            total > 0 ? $"{title}: {100.0 * done / total:F0} % ({done} of {total} {unit})" : $"{title}: {done} {unit}",
            Duration.Text(elapsed),
        };
        if (!closed && Duration.Left(elapsed, done, total) is { } left)
        {
            parts.Add($"{Duration.Text(left)} left");
        }

        if (note.Length > 0)
        {
            parts.Add(note);
        }

        return string.Join(", ", parts);
    }
}
