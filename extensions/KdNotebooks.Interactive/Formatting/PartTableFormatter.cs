using System.Text;
using KdNotebooks.Catalogue;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>The catalogue of losses or aligners, a line each; options and claims below the formula.</summary>
internal static class PartTableFormatter
{
    public static MimeBundle Format(PartTable table)
    {
        var html = new StringBuilder(HtmlStyle.Element).Append(HtmlStyle.TableStart);
        html.Append("<thead><tr><th scope=\"col\" class=\"kd-name\">name</th>");
        html.Append("<th scope=\"col\" class=\"kd-name\">formula, options, claims</th>");
        html.Append("<th scope=\"col\" class=\"kd-name\">paper</th></tr></thead><tbody>");
        foreach (var card in table.Cards)
        {
            html.Append(HtmlText.Of($"<tr><th scope=\"row\" class=\"kd-name\">{card.Kind}</th>"));
            html.Append(HtmlText.Of($"<td class=\"kd-name\">{card.About.Formula}<br>"));
            html.Append(HtmlText.Of($"<small>{Small(card)}</small></td><td class=\"kd-name\">{card.About.Paper}</td></tr>"));
        }

        return MimeBundle.OfHtml(html.Append("</tbody></table></div>").ToString(), table.ToString());
    }

    private static string Small(PartCard card) =>
        (card.Options.Count > 0 ? $"{string.Join(", ", card.Options)}. " : "") + $"Claims: {card.Claims}.";
}
