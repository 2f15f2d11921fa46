using System.Security.Cryptography;
using System.Text;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Interactive.Formatting;

namespace KdNotebooks.Kernel.Report;

/// <summary>The page around the report: its policy, style, contents and scripts.</summary>
internal static class Page
{
    private static readonly Lazy<string> Style = new(() => Resource("report.css"));
    private static readonly Lazy<Script> Own = new(() => new(Resource("report.js")));
    private static readonly Script Sorting = new(SortableTable.Script);
    private static readonly Lazy<Script> Library = new(() => new(PlotlyLibrary.Script));

    public static string Assemble(
        string title, string header, IReadOnlyList<MarkdownHtml.Heading> headings, string body, bool hasFigures)
    {
        Script[] scripts = hasFigures ? [Library.Value, Own.Value, Sorting] : [Own.Value, Sorting];
        return $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="{Policy(scripts)}">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="generator" content="KdNotebooks">
            <title>{HtmlText.Escape(title)}</title>
            <style>
            {Style.Value}</style>
            </head>
            <body>
            <div class="page">
            {header}
            {Contents(headings)}
            <main>
            {body}</main>
            <footer>Made with KdNotebooks. This page is complete in itself and loads nothing from the network.</footer>
            </div>
            {string.Join('\n', scripts.Select(script => $"<script>{script.Text}</script>"))}
            </body>
            </html>

            """;
    }

    // Nothing is loaded; data: and blob: are pictures in the page and the one that a figure is saved as.
    private static string Policy(IEnumerable<Script> scripts) =>
        $"default-src 'none'; script-src {string.Join(' ', scripts.Select(script => script.Source))}; "
        + "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'";

    private static string Contents(IReadOnlyList<MarkdownHtml.Heading> headings)
    {
        var top = headings.Where(heading => heading.Level <= 3).ToList();
        var items = top.Select(heading =>
            HtmlText.Of($"<li class=\"level-{heading.Level}\"><a href=\"#{heading.Id}\">{heading.Text}</a></li>"));
        var list = top.Count < 2 ? "" : $"<h2>Contents</h2><ol>{string.Concat(items)}</ol>";
        return $"<nav class=\"contents\" aria-label=\"contents\">{list}"
            + "<button type=\"button\" id=\"all-code\" aria-pressed=\"false\">Show all code</button></nav>";
    }

    private static string Resource(string name)
    {
        using var stream = typeof(Page).Assembly.GetManifestResourceStream($"KdNotebooks.Kernel.Report.{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    /// <summary>A script of the page; the policy allows it by its hash.</summary>
    private sealed record Script(string Text)
    {
        public string Source { get; } =
            $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Text)))}'";
    }
}
