using System.Text;
using KdNotebooks.Interactive.Formatting;

namespace KdNotebooks.Kernel.Report;

/// <summary>Cells in their order: prose as prose, code folded away above its outputs.</summary>
internal sealed class CellHtml(MarkdownHtml markdown, OutputHtml outputs)
{
    private bool failedSeen;

    public string RenderAll(IReadOnlyList<ReportCell> cells) => string.Concat(cells.Select(Render));

    private string Render(ReportCell cell) => cell switch
    {
        { Source: var source } when source.Trim().Length == 0 && cell.Outputs.Count == 0 => "",
        { Kind: "markdown" } =>
            $"<section class=\"prose\">{markdown.Render(cell.Source, cell.Attachments)}</section>\n",
        { IsCode: true } => Code(cell),
        _ => HtmlText.Of($"<section><pre class=\"text\">{cell.Source}</pre></section>\n"),
    };

    private string Code(ReportCell cell)
    {
        var html = new StringBuilder(Start(cell));
        html.Append($"<details class=\"source\"{(cell.IsParameters || cell.Failed ? " open" : "")}><summary>");
        html.Append(HtmlText.Of($"<span class=\"count\">{Count(cell)}</span><code>{FirstLine(cell)}</code></summary>"));
        html.Append($"<pre class=\"code\"><code>{FSharpHtml.Highlight(cell.Source.Trim('\n'))}</code></pre></details>");
        var shown = cell.Outputs.Select(outputs.Render).Where(output => output.Length > 0).ToList();
        if (shown.Count > 0)
        {
            html.Append("<div class=\"outputs\">").AppendJoin("\n", shown).Append("</div>");
        }

        return html.Append("</section>\n").ToString();
    }

    private string Start(ReportCell cell)
    {
        var isFirst = cell.Failed && !failedSeen;
        failedSeen |= cell.Failed;
        return isFirst ? "<section class=\"cell failed\" id=\"failed\">"
            : cell.NotRun ? "<section class=\"cell not-run\">" : "<section class=\"cell\">";
    }

    private static string Count(ReportCell cell) =>
        cell.IsParameters ? "parameters" : cell.NotRun ? "not run" : cell.Count is { } count ? $"{count}" : "–";

    // What the folded cell is about: its opening comment, else its first line.
    private static string FirstLine(ReportCell cell) =>
        cell.Source.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0) ?? "";
}
