using System.Text;
using KdNotebooks.Data.Dense;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>The colors and names of the classes that appear in some label maps.</summary>
internal static class SceneLegend
{
    private const int Side = 14;

    /// <summary>The names of a label map's classes, in the table's order; "ignored" last.</summary>
    public static string Names(LabelTable table, IEnumerable<byte> labels) =>
        string.Join(", ", Appearing([labels]).Select(label => Name(table, label)));

    /// <summary>A list with a patch of color before each name.</summary>
    public static string Of(LabelTable table, IEnumerable<IEnumerable<byte>> maps)
    {
        var html = new StringBuilder("<ul class=\"kd-swatches\" aria-label=\"classes\">");
        foreach (var label in Appearing(maps))
        {
            var patch = Pictures.DataUri(SceneOverlay.Patch(table, label, Side), 1);
            html.Append($"<li><img alt=\"\" width=\"{Side}\" height=\"{Side}\" src=\"{patch}\">");
            html.Append(HtmlText.Of($"{Name(table, label)}</li>"));
        }

        return html.Append("</ul>").ToString();
    }

    private static IEnumerable<byte> Appearing(IEnumerable<IEnumerable<byte>> maps) =>
        maps.SelectMany(map => map.Distinct()).Distinct().Order();

    private static string Name(LabelTable table, byte label) =>
        label < table.Classes.Count ? table.Classes[label].Name : "ignored";
}
