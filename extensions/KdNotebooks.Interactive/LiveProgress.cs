using System.Diagnostics;
using System.Text;
using KdNotebooks.Interactive.Formatting;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive;

/// <summary>
/// Bars of long work as one display below the cell: replaced in place at most four times a second, and left as it was
/// at the end. Bars that are open together share a display.
/// </summary>
public sealed class LiveProgress : IProgressReporter
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private readonly Func<MimeBundle, IShownDisplay> show;
    private Group? group;

    /// <param name="show">How a display is shown; null for the current <see cref="Display.Host"/>.</param>
    public LiveProgress(Func<MimeBundle, IShownDisplay>? show = null) =>
        this.show = show ?? (bundle => Display.Host.Show(bundle));

    public IProgressTask Start(string title, long total, string unit)
    {
        lock (gate)
        {
            group = group is { IsOver: false } open ? open : new Group(this);
            return group.Add(title, total, unit);
        }
    }

    /// <summary>What one display holds: the bars that were open at one time.</summary>
    private sealed class Group(LiveProgress owner)
    {
        private readonly List<ProgressBar> bars = [];
        private IShownDisplay? shown;
        private long drawn;

        public bool IsOver => bars.Count > 0 && bars.TrueForAll(bar => bar.IsClosed);

        public ProgressBar Add(string title, long total, string unit)
        {
            var bar = new ProgressBar(title, total, unit, Changed);
            bars.Add(bar);
            Draw();
            return bar;
        }

        private void Changed(ProgressBar bar, Action change)
        {
            lock (owner.gate)
            {
                change();
                if (IsOver || Stopwatch.GetElapsedTime(drawn) >= Pause)
                {
                    Draw();
                }
            }
        }

        private void Draw()
        {
            drawn = Stopwatch.GetTimestamp();
            var bundle = ProgressBundle.Of(bars);
            if (shown is null)
            {
                shown = owner.show(bundle);
            }
            else
            {
                shown.Update(bundle);
            }
        }
    }
}

/// <summary>One bar: how far the work is, and since when.</summary>
internal sealed class ProgressBar(
    string title, long total, string unit, Action<ProgressBar, Action> change) : IProgressTask
{
    private readonly long started = Stopwatch.GetTimestamp();
    private TimeSpan? ended;

    public string Title => title;

    public long Total => total;

    public string Unit => unit;

    public long Done { get; private set; }

    public string Note { get; private set; } = "";

    public bool IsClosed => ended is not null;

    public TimeSpan Elapsed => ended ?? Stopwatch.GetElapsedTime(started);

    /// <summary>From 0 to 1; null where the whole is not known.</summary>
    public double? Part => total > 0 ? Math.Clamp((double)Done / total, 0, 1) : null;

    public void Report(long done, string? note = null) => change(this, () => (Done, Note) = (done, note ?? Note));

    public void Dispose()
    {
        if (!IsClosed)
        {
            change(this, () => ended = Stopwatch.GetElapsedTime(started));
        }
    }
}

/// <summary>What bars look like.</summary>
internal static class ProgressBundle
{
    // More bars than this fold away when they are done: thirty students are one line.
    private const int MostOpen = 3;
    private const int Cells = 24;

    public static MimeBundle Of(IReadOnlyList<ProgressBar> bars)
    {
        var rows = HtmlStyle.TableStart + "<tbody>" + string.Concat(bars.Select(Row)) + "</tbody></table></div>";
        var folds = bars.Count > MostOpen && bars.All(bar => bar.IsClosed);
        var html = folds
            ? HtmlText.Of($"<details><summary>{Summary(bars)}</summary>") + rows + "</details>"
            : rows;
        var text = folds ? Summary(bars) : string.Join('\n', Lines(bars));
        return MimeBundle.OfHtml(HtmlStyle.Element + html, text);
    }

    /// <summary>"38 %, 1,200/3,120 images, 1,834 images/s, 4.2 s left".</summary>
    private static string Facts(ProgressBar bar)
    {
        var parts = new List<string>();
        if (bar.Part is { } part)
        {
            parts.Add($"{100 * part:F0} %");
        }

        parts.Add(bar.Total > 0 ? $"{bar.Done:N0}/{bar.Total:N0} {bar.Unit}" : $"{bar.Done:N0} {bar.Unit}");
        if (bar.Done > 0 && bar.Elapsed.TotalSeconds > 0.1)
        {
            parts.Add($"{bar.Done / bar.Elapsed.TotalSeconds:N0} {bar.Unit}/s");
        }

        var left = bar.IsClosed ? null : Duration.Left(bar.Elapsed, bar.Done, bar.Total);
        parts.Add(left is { } time ? $"{Duration.Text(time)} left" : Duration.Text(bar.Elapsed));
        return string.Join(", ", parts);
    }

    private static string Summary(IReadOnlyList<ProgressBar> bars)
    {
        var stopped = bars.Count(bar => bar.Part < 1);
        return $"{bars.Count} tasks, {Duration.Text(bars.Max(bar => bar.Elapsed))}"
            + (stopped > 0 ? $", {stopped} of them stopped early" : "");
    }

    private static string Row(ProgressBar bar)
    {
        var part = bar.Part is { } known
            ? FormattableString.Invariant($"<progress max=\"1\" value=\"{known:F3}\">{100 * known:F0} %</progress>")
            : bar.IsClosed ? "" : "<progress></progress>";
        return HtmlText.Of($"<tr><th scope=\"row\" class=\"kd-name\">{bar.Title}</th>") + $"<td>{part}</td>"
            + HtmlText.Of($"<td class=\"kd-name\">{Facts(bar)}<br>{bar.Note}</td></tr>");
    }

    private static IEnumerable<string> Lines(IReadOnlyList<ProgressBar> bars)
    {
        var width = bars.Max(bar => bar.Title.Length);
        return bars.Select(bar =>
            new StringBuilder($"{bar.Title.PadRight(width)}  {Gauge(bar)}{Facts(bar)}")
                .Append(bar.Note.Length > 0 ? $", {bar.Note}" : "").ToString());
    }

    private static string Gauge(ProgressBar bar)
    {
        if (bar.Part is not { } part)
        {
            return "";
        }

        var filled = (int)(part * Cells);
        return $"[{new string('#', filled)}{new string('-', Cells - filled)}] ";
    }
}
