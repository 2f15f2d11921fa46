using System.Text;
using KdNotebooks.Invariants;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>
/// A line for each claim with its verdict in a word; a broken one shows what was expected, what came, and the inputs.
/// </summary>
internal static class InvariantReportFormatter
{
    public static MimeBundle Format(InvariantReport report)
    {
        var html = new StringBuilder(HtmlStyle.Element).Append(HtmlStyle.TableStart);
        html.Append(HtmlText.Of($"<caption>{report.Summary}</caption><thead><tr>"));
        html.Append("<th scope=\"col\" class=\"kd-name\">claim</th><th scope=\"col\" class=\"kd-verdict\"></th>");
        html.Append("<th scope=\"col\">cases</th><th scope=\"col\" class=\"kd-name\">counterexample</th>");
        html.Append("</tr></thead><tbody>");
        report.Results.ToList().ForEach(result => html.Append(Row(result)));
        return MimeBundle.OfHtml(html.Append("</tbody></table></div>").ToString(), report.ToString());
    }

    private static string Row(ClaimResult result)
    {
        var start = result.Held ? "<tr>" : "<tr class=\"kd-differs\">";
        return start + HtmlText.Of($"<th scope=\"row\" class=\"kd-name\">{Claims.Word(result.Claim)}</th>")
            + HtmlText.Of($"<td class=\"kd-verdict\">{Sign(result)} {result.Word}</td><td>{result.Cases}</td>")
            + $"<td class=\"kd-name\">{Found(result)}</td></tr>";
    }

    private static string Sign(ClaimResult result) => result.Verdict switch
    {
        Verdict.Held => "✓",
        Verdict.Broken => "✗",
        _ => "?",
    };

    private static string Found(ClaimResult result)
    {
        var inputs = string.Join('\n', result.Counterexample.Select(tensor => tensor.ToString()));
        return HtmlText.Of($"{result.Message}") + (inputs.Length > 0 ? HtmlText.Of($"<pre>{inputs}</pre>") : "");
    }
}
