using System.Text.Json.Nodes;

namespace KdNotebooks.Kernel.Report;

/// <summary>An executed notebook as one HTML page that needs nothing but itself.</summary>
public static class HtmlReport
{
    /// <summary>Renders a notebook, also one that stopped midway.</summary>
    /// <param name="notebook">nbformat 4.x, as the runner writes it.</param>
    /// <param name="title">The page's title where the notebook has no heading of its own; text, escaped.</param>
    /// <remarks>
    /// Trust: text/html outputs were made in the run by our formatters, which escape what came from data, and are put
    /// in as they are; everything else is escaped. The page's content security policy loads nothing from anywhere and
    /// runs only the page's own scripts, so an output cannot run one of its own.
    /// </remarks>
    public static string Render(JsonObject notebook, string title)
    {
        var cells = ReportCell.AllOf(notebook);
        var markdown = new MarkdownHtml();
        var heading = TitleCell.Lift(ref cells);
        var outputs = new OutputHtml(markdown);
        var body = new CellHtml(markdown, outputs).RenderAll(cells);
        var facts = RunFacts.Of(notebook, cells);
        var header = HeaderHtml.Render(heading, title, facts);
        return Page.Assemble(heading?.Text ?? title, header, markdown.Headings, body, outputs.HasFigures);
    }
}
