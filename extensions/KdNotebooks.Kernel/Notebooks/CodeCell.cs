using Markdig;
using Markdig.Syntax;

namespace KdNotebooks.Kernel.Notebooks;

/// <summary>A code cell that has something to run, with the last heading before it.</summary>
internal sealed record CodeCell(NotebookCell Cell, string Title)
{
    /// <summary>In order; cells without text are left out, as Jupyter leaves them without a number.</summary>
    public static IReadOnlyList<CodeCell> Of(Notebook notebook)
    {
        var title = "";
        var cells = new List<CodeCell>();
        foreach (var cell in notebook.Cells)
        {
            if (cell.Type == "markdown")
            {
                title = LastHeading(cell.Source) ?? title;
            }
            else if (cell.IsCode && !string.IsNullOrWhiteSpace(cell.Source))
            {
                cells.Add(new CodeCell(cell, title));
            }
        }

        return cells;
    }

    private static string? LastHeading(string markdown) =>
        Markdown.Parse(markdown).Descendants<HeadingBlock>().LastOrDefault() is { } heading
            ? Markdown.ToPlainText(markdown.Substring(heading.Span.Start, heading.Span.Length)).Trim()
            : null;
}
