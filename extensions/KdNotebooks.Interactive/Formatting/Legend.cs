using System.Text;
using KdNotebooks.Tasks;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>The names of the colors in some pictures.</summary>
internal static class Legend
{
    /// <summary>A list with a patch of color before each name; nothing where there is none.</summary>
    public static string Of(IReadOnlyList<LegendEntry> entries)
    {
        if (entries.Count == 0)
        {
            return "";
        }

        var html = new StringBuilder("<ul class=\"kd-swatches\" aria-label=\"classes\">");
        foreach (var (patch, name) in entries)
        {
            html.Append($"<li><img alt=\"\" width=\"{patch.Width}\" height=\"{patch.Height}\" ");
            html.Append($"src=\"{Pictures.DataUri(patch, 1)}\">").Append(HtmlText.Of($"{name}</li>"));
        }

        return html.Append("</ul>").ToString();
    }
}
