using System.Text.Json.Nodes;
using KdNotebooks.Interactive.Formatting;
using Markdig;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace KdNotebooks.Kernel.Report;

/// <summary>Markdown to HTML that cannot run or load anything; gathers headings for the table of contents.</summary>
internal sealed class MarkdownHtml
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .UsePipeTables().UseEmphasisExtras().UseTaskLists().UseAutoLinks().UseMathematics().DisableHtml().Build();

    private readonly List<Heading> headings = [];

    /// <summary>Headings of all that was rendered so far, with the ids that they got.</summary>
    public IReadOnlyList<Heading> Headings => headings;

    /// <param name="attachments">The cell's images, which `attachment:name` refers to.</param>
    public string Render(string source, JsonObject? attachments = null)
    {
        var document = Markdown.Parse(source, Pipeline);
        foreach (var link in document.Descendants<LinkInline>().ToList())
        {
            MarkdownLinks.Secure(link, attachments);
        }

        foreach (var link in document.Descendants<AutolinkInline>().ToList())
        {
            if (!MarkdownLinks.IsSafe(link.Url))
            {
                link.ReplaceBy(new LiteralInline(link.Url));
            }
        }

        foreach (var heading in document.Descendants<HeadingBlock>())
        {
            heading.GetAttributes().Id = $"s{headings.Count + 1}";
            headings.Add(new($"s{headings.Count + 1}", heading.Level, TextOf(heading.Inline)));
        }

        return Write(document);
    }

    /// <summary>One line, without the paragraph around it.</summary>
    public static string Inline(string source)
    {
        var html = Write(Markdown.Parse(source, Pipeline)).Trim();
        return html.StartsWith("<p>", StringComparison.Ordinal) && html.EndsWith("</p>", StringComparison.Ordinal)
            && html.IndexOf("</p>", StringComparison.Ordinal) == html.Length - 4
            ? html[3..^4] : HtmlText.Escape(source);
    }

    public static string PlainText(string source) =>
        Markdown.Parse(source, Pipeline).Descendants<ParagraphBlock>().Select(line => TextOf(line.Inline))
            .FirstOrDefault() ?? source;

    private static string Write(MarkdownDocument document)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        var renderer = new HtmlRenderer(writer);
        Pipeline.Setup(renderer);
        // The first that fits is taken, and a block of mathematics is also a fenced block.
        renderer.ObjectRenderers.InsertRange(
            0, [new MathInlineRenderer(), new MathBlockRenderer(), new FencedCodeRenderer()]);
        renderer.Render(document);
        writer.Flush();
        return writer.ToString();
    }

    private static string TextOf(ContainerInline? inline) => inline is null ? "" : string.Concat(
        inline.Descendants().Select(part => part switch
        {
            LiteralInline literal => literal.Content.ToString(),
            CodeInline code => code.Content,
            Markdig.Extensions.Mathematics.MathInline math => math.Content.ToString(),
            LineBreakInline => " ",
            _ => "",
        }));

    /// <summary>A heading with its anchor on the page.</summary>
    internal sealed record Heading(string Id, int Level, string Text);
}
