using System.Text;
using KdNotebooks.Runtime;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>Facts, each with its name before it.</summary>
internal sealed class FactTable(string title)
{
    private readonly List<(string Name, string Value)> facts = [];

    /// <summary>Adds a fact; an empty one is left out.</summary>
    public FactTable Add(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            facts.Add((name, value));
        }

        return this;
    }

    public string Html()
    {
        var html = new StringBuilder(HtmlStyle.TableStart.Replace("kd-table", "kd-table kd-facts"));
        html.Append(HtmlText.Of($"<caption>{title}</caption><tbody>"));
        html.AppendJoin("", facts.Select(fact => HtmlText.Of(
            $"<tr><th scope=\"row\" class=\"kd-name\">{fact.Name}</th><td class=\"kd-name\">{fact.Value}</td></tr>")));
        return html.Append("</tbody></table></div>").ToString();
    }

    public string Text() => string.Join('\n', TextColumns.Align(
        [.. facts.Select(fact => (string[])[fact.Name, fact.Value])], _ => false).Prepend(title));
}
