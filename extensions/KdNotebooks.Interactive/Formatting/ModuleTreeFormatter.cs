using System.Globalization;
using System.Text;
using KdNotebooks.Models;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>A model's modules as a tree that folds: shapes, parameters, multiply-adds.</summary>
internal static class ModuleTreeFormatter
{
    private const string Unknown = "";

    private const string HowToSeeShapes =
        "Shapes and multiply-adds depend on the image: ask for them with modules model data, "
        + "or in C# with ModuleTable.Of(model, channels, height, width).";

    public static MimeBundle Format(ModuleTable table)
    {
        var rows = table.Rows.Select(row => new Line(
            row.Path, row.Type, $"[{string.Join(", ", row.Shape)}]", row.Parameters, row.MultiplyAdds)).ToList();
        return MimeBundle.OfHtml(Html(rows, ModuleTable.Counted), table.ToString());
    }

    /// <summary>Without an image nothing is known but names and parameters.</summary>
    public static MimeBundle Format(Module model)
    {
        var rows = model.named_modules().Prepend(("", model)).DistinctBy(entry => entry.Item1).Select(entry => new Line(
            entry.Item1, entry.Item2.GetType().Name, Unknown,
            entry.Item2.parameters().Sum(parameter => parameter.numel()), null)).ToList();
        var text = string.Join('\n', Below(Root(rows), rows).Select(row =>
            $"{new string(' ', 2 * Depth(row))}{Name(row)} {row.Type}, {Number(row.Parameters)} parameters"));
        return MimeBundle.OfHtml(Html(rows, HowToSeeShapes), $"{text}\n{HowToSeeShapes}");
    }

    private static string Html(List<Line> rows, string note)
    {
        var html = new StringBuilder(HtmlStyle.Element).Append("<div class=\"kd-scroll\"><div class=\"kd-tree\">");
        html.Append("<div class=\"kd-line kd-heads\"><span>module</span><span>type</span><span>output</span>");
        html.Append("<span>parameters</span><span>multiply-adds</span></div>");
        Append(html, Root(rows), rows);
        return html.Append(HtmlText.Of($"</div></div><p class=\"kd-note\">{note}</p>")).ToString();
    }

    private static void Append(StringBuilder html, Line row, List<Line> rows)
    {
        var children = Children(row, rows);
        if (children.Count == 0)
        {
            html.Append("<div class=\"kd-line\">").Append(Cells(row)).Append("</div>");
            return;
        }

        // The stages are in sight; what is in them unfolds.
        html.Append(Depth(row) == 0 ? "<details open>" : "<details>");
        html.Append("<summary class=\"kd-line\">").Append(Cells(row)).Append("</summary>");
        children.ForEach(child => Append(html, child, rows));
        html.Append("</details>");
    }

    private static Line Root(List<Line> rows) => rows.Find(row => row.Path.Length == 0) ?? rows[0];

    private static List<Line> Children(Line row, List<Line> rows) =>
        rows.FindAll(other => other.Path.Length > 0 && Parent(other, rows) == row.Path);

    // A module and what is in it, before the next one beside it.
    private static IEnumerable<Line> Below(Line row, List<Line> rows) =>
        Children(row, rows).SelectMany(child => Below(child, rows)).Prepend(row);

    // The nearest module above that is listed: a list of modules that is never called is not.
    private static string Parent(Line row, List<Line> rows)
    {
        for (var path = row.Path; path.LastIndexOf('.') is > 0 and var dot;)
        {
            path = path[..dot];
            if (rows.Exists(other => other.Path == path))
            {
                return path;
            }
        }

        return "";
    }

    private static string Cells(Line row) =>
        $"<span style=\"padding-left:{(1.2 * Depth(row)).ToString(CultureInfo.InvariantCulture)}em\">"
        + HtmlText.Of($"{Name(row)}</span><span>{row.Type}</span><span>{row.Shape}</span>")
        + HtmlText.Of($"<span>{Number(row.Parameters)}</span><span>{Number(row.MultiplyAdds)}</span>");

    private static int Depth(Line row) => row.Path.Length == 0 ? 0 : row.Path.Count(c => c == '.') + 1;

    private static string Name(Line row) =>
        row.Path.Length == 0 ? "model" : row.Path[(row.Path.LastIndexOf('.') + 1)..];

    private static string Number(long? value) => value?.ToString("N0", CultureInfo.InvariantCulture) ?? "";

    private sealed record Line(string Path, string Type, string Shape, long Parameters, long? MultiplyAdds);
}
