using System.Text;
using KdNotebooks.Runtime;
using Spectre.Console;

namespace KdNotebooks.Cli;

/// <summary>
/// Spectre.Console's progress display, held open on a thread of its own from the first bar's start to the last bar's
/// end: Spectre wants to call the work, but here the work is a cell that knows nothing of it.
/// </summary>
internal sealed class BarArea(IAnsiConsole console)
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private readonly StringBuilder begun = new();
    private ProgressContext? context;
    private TaskCompletionSource? closing;
    private Task? display;
    private int open;

    public IProgressTask Start(string title, long total, string unit)
    {
        lock (gate)
        {
            if (open++ == 0)
            {
                Open();
            }

            var task = context!.AddTask(
                Markup.Escape(title), new ProgressTaskSettings { MaxValue = Math.Max(total, 1) });
            task.IsIndeterminate = total <= 0;
            return new Bar(this, task, unit, total);
        }
    }

    /// <summary>
    /// Writes text above the bars; false where there are none. A line that is only begun waits for its end.
    /// </summary>
    public bool Above(string text)
    {
        lock (gate)
        {
            if (open == 0)
            {
                return false;
            }

            begun.Append(text);
            var end = text.LastIndexOf('\n');
            if (end >= 0)
            {
                var length = begun.Length - (text.Length - end - 1);
                WriteAbove(begun.ToString(0, length));
                begun.Remove(0, length);
            }

            return true;
        }
    }

    private void Close()
    {
        lock (gate)
        {
            if (--open > 0)
            {
                return;
            }

            closing!.SetResult();
            display!.Wait();
            console.Profile.Out.Writer.Write(begun);
            console.Profile.Out.Writer.Flush();
            begun.Clear();
        }
    }

    private void Open()
    {
        var opened = new TaskCompletionSource<ProgressContext>();
        var end = closing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        display = Task.Run(() => new Progress(console) { RefreshRate = Refresh }
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 24 },
                new CountColumn())
            .StartAsync(async started =>
            {
                opened.SetResult(started);
                await end.Task.ConfigureAwait(false);
            }));
        context = opened.Task.GetAwaiter().GetResult();
    }

    // Spectre moves to the first bar's line before it writes, and draws the bars again after it; it does not wipe what
    // stood there, so a short line would keep the tail of a bar.
    private void WriteAbove(string lines) => console.Write(new ControlCode("\u001b[0J" + lines));

    private sealed class Bar(BarArea area, ProgressTask task, string unit, long total) : IProgressTask
    {
        private bool closed;

        public void Report(long done, string? note = null)
        {
            task.State.Update<BarState>(
                CountColumn.State, old => new BarState(done, total, unit, note ?? old.Note));
            if (total > 0)
            {
                task.Value = done;
            }
        }

        public void Dispose()
        {
            if (!closed)
            {
                closed = true;
                task.StopTask();
                area.Close();
            }
        }
    }
}
