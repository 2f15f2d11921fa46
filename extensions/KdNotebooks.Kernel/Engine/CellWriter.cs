using System.Diagnostics;
using System.Text;

namespace KdNotebooks.Kernel.Engine;

/// <summary>
/// Passes text on in whole lines: <c>printfn</c> writes a line in several pieces, and a listener would otherwise get an
/// event for each. Unfinished lines go on at a carriage return, a flush, 8,192 characters, or by themselves after a
/// fifth of a second: a row of dots is watched as it grows.
/// </summary>
/// <remarks>
/// Each thread has a line of its own, so that two that print at once do not tear each other's. A line that has waited
/// for longer than any <c>printfn</c> takes was begun by <c>printf</c>: what another thread then writes comes after it.
/// </remarks>
internal sealed class CellWriter : TextWriter
{
    private const int MostHeld = 8192;

    private static readonly TimeSpan Stale = TimeSpan.FromMilliseconds(200);

    // By thread, only those that hold something.
    private readonly Dictionary<int, BegunLine> begun = [];
    private readonly Lock gate;
    private readonly Action<string> pass;
    private readonly Timer timer;
    private bool waiting;

    /// <param name="gate">Held while text is passed on.</param>
    public CellWriter(Lock gate, Action<string> pass)
    {
        (this.gate, this.pass) = (gate, pass);
        timer = new Timer(_ => PassStale());
    }

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => Write([value]);

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(ReadOnlySpan<char> buffer)
    {
        lock (gate)
        {
            var thread = Environment.CurrentManagedThreadId;
            if (!begun.TryGetValue(thread, out var line))
            {
                PassBegun(olderThan: Stale);
                begun[thread] = line = new BegunLine();
            }

            line.Text.Append(buffer);
            if (line.Text.Length > MostHeld)
            {
                Pass(thread, line.Text.Length);
            }
            else if (buffer.LastIndexOfAny('\n', '\r') is >= 0 and var last)
            {
                Pass(thread, line.Text.Length - buffer.Length + last + 1);
            }

            if (begun.Count > 0 && !waiting)
            {
                Wait();
            }
        }
    }

    public override void Flush()
    {
        lock (gate)
        {
            PassBegun(olderThan: TimeSpan.Zero);
        }
    }

    protected override void Dispose(bool disposing)
    {
        timer.Dispose();
        base.Dispose(disposing);
    }

    private void PassStale()
    {
        lock (gate)
        {
            PassBegun(olderThan: Stale);
            waiting = false;
            if (begun.Count > 0)
            {
                Wait();
            }
        }
    }

    private void Wait() => waiting = timer.Change(Stale, Timeout.InfiniteTimeSpan);

    private void PassBegun(TimeSpan olderThan)
    {
        foreach (var (thread, line) in begun.Where(line => Stopwatch.GetElapsedTime(line.Value.Since) >= olderThan)
            .OrderBy(line => line.Value.Since).ToList())
        {
            Pass(thread, line.Text.Length);
        }
    }

    private void Pass(int thread, int length)
    {
        var held = begun[thread].Text;
        var text = held.ToString(0, length);
        held.Remove(0, length);
        if (held.Length == 0)
        {
            begun.Remove(thread);
        }

        if (text.Length > 0)
        {
            pass(text);
        }
    }

    private sealed class BegunLine
    {
        public StringBuilder Text { get; } = new();

        /// <summary>When it was begun, as a stopwatch's timestamp.</summary>
        public long Since { get; } = Stopwatch.GetTimestamp();
    }
}
