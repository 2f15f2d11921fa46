namespace KdNotebooks.Kernel.Report;

/// <summary>The heading that opens a notebook: it becomes the page's, and is not said twice.</summary>
internal sealed record TitleCell(string Html, string Text)
{
    public static TitleCell? Lift(ref IReadOnlyList<ReportCell> cells)
    {
        if (cells is not [{ Kind: "markdown" } first, ..])
        {
            return null;
        }

        var lines = first.Source.TrimStart('\n', ' ').Split('\n', 2);
        if (!lines[0].StartsWith("# ", StringComparison.Ordinal))
        {
            return null;
        }

        cells = [first with { Source = lines.Length > 1 ? lines[1] : "" }, .. cells.Skip(1)];
        return new(MarkdownHtml.Inline(lines[0][2..]), MarkdownHtml.PlainText(lines[0][2..]));
    }
}
