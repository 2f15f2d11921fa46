using System.Diagnostics;
using System.Text;
using KdNotebooks.Interactive.Formatting;

namespace KdNotebooks.Interactive;

/// <summary>What bars look like.</summary>
internal static class ProgressBundle
{
    // More bars than this fold away when they are done: thirty students are one line.
    private const int MostOpen = 3;
    private const int Cells = 24;

    public static MimeBundle Of(IReadOnlyList<ProgressBar> bars)
    {
        List<ProgressBar> closed = [.. bars.Where(bar => bar.IsClosed)];
        List<ProgressBar> folded = closed.Count > MostOpen ? closed : [];
        List<ProgressBar> inSight = [.. bars.Except(folded)];
        var html = HtmlStyle.Element
            + (folded.Count > 0
                ? HtmlText.Of($"<details><summary>{Summary(folded)}</summary>") + Table(folded) + "</details>"
                : "")
            + (inSight.Count > 0 ? Table(inSight) : "");
        List<string> text = folded.Count > 0 ? [Summary(folded), .. Lines(inSight)] : [.. Lines(inSight)];
        return MimeBundle.OfHtml(html, string.Join('\n', text));
    }

    private static string Table(IEnumerable<ProgressBar> bars) =>
        HtmlStyle.TableStart + "<tbody>" + string.Concat(bars.Select(Row)) + "</tbody></table></div>";

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

    private static string Summary(List<ProgressBar> bars)
    {
        var stopped = bars.Count(bar => bar.Part < 1);
        var first = bars.Min(bar => bar.Started);
        var took = bars.Max(bar => Stopwatch.GetElapsedTime(first, bar.Started) + bar.Elapsed);
        return $"{bars.Count} tasks done, {Duration.Text(took)}"
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

    private static IEnumerable<string> Lines(List<ProgressBar> bars)
    {
        var width = bars.Select(bar => bar.Title.Length).DefaultIfEmpty(0).Max();
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
