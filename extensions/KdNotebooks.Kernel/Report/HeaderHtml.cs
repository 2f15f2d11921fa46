using System.Globalization;
using System.Text;
using KdNotebooks.Interactive.Formatting;

namespace KdNotebooks.Kernel.Report;

/// <summary>The head of the page: title, when and how long, how it ended, and with which parameters.</summary>
internal static class HeaderHtml
{
    public static string Render(TitleCell? heading, string title, RunFacts facts)
    {
        var html = new StringBuilder("<header class=\"head\">");
        if (heading is not null && heading.Text != title)
        {
            html.Append(HtmlText.Of($"<p class=\"eyebrow\">{title}</p>"));
        }

        html.Append($"<h1>{heading?.Html ?? HtmlText.Escape(title)}</h1><ul class=\"facts\">");
        html.Append(Status(facts)).Append(Started(facts)).Append(Elapsed(facts)).Append("</ul>");
        return html.Append(Parameters(facts)).Append("</header>").ToString();
    }

    /// <summary>"8 s", "3 min 12 s", "2 h 5 min".</summary>
    internal static string Spoken(TimeSpan time) => time switch
    {
        { TotalSeconds: < 10 } => $"{time.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s",
        { TotalMinutes: < 1 } => $"{time.TotalSeconds:0} s",
        { TotalHours: < 1 } => $"{time.Minutes} min {time.Seconds} s",
        _ => $"{(int)time.TotalHours} h {time.Minutes} min",
    };

    private static string Status(RunFacts facts) => facts switch
    {
        { FailedAt: { } cell } => HtmlText.Of(
            $"<li class=\"bad\"><a href=\"#failed\">✗ stopped with an error in code cell {cell} of {facts.CodeCells}"
            + $"</a></li>"),
        { CodeCells: > 0 } => HtmlText.Of($"<li class=\"good\">✓ {facts.CodeCells} code cells, no error</li>"),
        _ => "",
    };

    private static string Started(RunFacts facts) => facts.Started is not { } date ? "" : HtmlText.Of(
        $"<li><time datetime=\"{date.ToString("O")}\">{Spoken(date)} {Zone(date)}</time></li>");

    private static string Spoken(DateTimeOffset date) =>
        date.ToString("d MMMM yyyy, HH:mm", CultureInfo.InvariantCulture);

    private static string Zone(DateTimeOffset date) =>
        date.Offset == TimeSpan.Zero ? "UTC" : date.ToString("'UTC'zzz", CultureInfo.InvariantCulture);

    private static string Elapsed(RunFacts facts) =>
        facts.Elapsed is { } time ? HtmlText.Of($"<li>took {Spoken(time)}</li>") : "";

    private static string Parameters(RunFacts facts)
    {
        if (facts.Parameters.Count == 0)
        {
            return "";
        }

        var items = facts.Parameters.Select(p => HtmlText.Of($"<div><dt>{p.Key}</dt><dd>{p.Value}</dd></div>"));
        return $"<dl class=\"parameters\" aria-label=\"parameters\">{string.Concat(items)}</dl>";
    }
}
