using FSharp.Compiler.EditorServices;
using KdNotebooks.Interactive;

namespace KdNotebooks.Kernel.Engine;

/// <summary>
/// What the compiler knows of a name, for a reader: its type, and its documentation where there is some.
/// </summary>
internal static class ToolTip
{
    private const int MostOverloads = 5;

    /// <summary>Null where the compiler knows nothing.</summary>
    public static MimeBundle? Of(ToolTipText tip)
    {
        var known = tip.Item.OfType<ToolTipElement.Group>().SelectMany(group => group.elements).ToList();
        if (known.Count == 0)
        {
            return null;
        }

        var signatures = string.Join(
            '\n', known.Take(MostOverloads).Select(element => element.MainDescription.Text.Trim()));
        if (known.Count > MostOverloads)
        {
            signatures += $"\n(and {known.Count - MostOverloads} more)";
        }

        var document = known.Select(element => XmlDocs.TextOf(element.XmlDoc))
            .FirstOrDefault(text => text.Length > 0, "");
        return MimeBundle.OfText($"{signatures}\n\n{document}".TrimEnd())
            .With(MimeBundle.Markdown, $"```fsharp\n{signatures}\n```\n\n{document}".TrimEnd());
    }
}
