using System.Text;
using KdNotebooks.Runs;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>
/// A table with a line for each term, the suggested weight marked, and below it each suggestion's reason.
/// </summary>
internal static class AlphaReportFormatter
{
    public static MimeBundle Format(AlphaReport report)
    {
        var html = new StringBuilder(HtmlStyle.Element).Append(HtmlStyle.TableStart);
        html.Append("<caption>How each term pulls on the student beside the task</caption><thead><tr>");
        html.Append("<th scope=\"col\" class=\"kd-name\">method</th><th scope=\"col\" class=\"kd-name\">term</th>");
        html.Append("<th scope=\"col\">suggested α</th><th scope=\"col\">task loss</th>");
        html.Append("<th scope=\"col\">loss</th><th scope=\"col\">task gradient</th>");
        html.Append("<th scope=\"col\">gradient</th><th scope=\"col\">cosine</th>");
        html.Append("<th scope=\"col\">α by value</th></tr></thead><tbody>");
        foreach (var term in report.Terms)
        {
            html.Append(HtmlText.Of($"<tr><th scope=\"row\" class=\"kd-name\">{term.Method}</th>"));
            html.Append(HtmlText.Of($"<td class=\"kd-name\">{term.Term}</td>"));
            html.Append(HtmlText.Of($"<td><strong>{AlphaTerm.Text(term.Suggested)}</strong></td>"));
            html.AppendJoin("", Numbers(term).Select(number => HtmlText.Of($"<td>{number}</td>"))).Append("</tr>");
        }

        html.Append("</tbody></table></div>");
        html.Append(HtmlText.Of($"<p class=\"kd-note\">{report.Note}</p><ul class=\"kd-note\">"));
        html.AppendJoin("", report.Terms.Select(term => HtmlText.Of($"<li><b>{term.Method}</b>: {term.Reason}</li>")));
        return MimeBundle.OfHtml(html.Append("</ul>").ToString(), report.ToString());
    }

    private static IEnumerable<string> Numbers(AlphaTerm term) =>
    [
        AlphaReport.Number(term.TaskLoss), AlphaReport.Number(term.Loss), AlphaReport.Number(term.TaskGradient),
        AlphaReport.Number(term.Gradient), AlphaReport.Number(term.Cosine), AlphaTerm.Text(term.ByValue),
    ];
}
