using System.Text;
using KdNotebooks.Results;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>
/// A table for each thing that was measured, test accuracy at the last epoch first; the others fold away below it.
/// A difference whose interval excludes zero is marked by a sign and a word, so that it shows without color.
/// </summary>
internal static class ResultTableFormatter
{
    public static MimeBundle Format(ResultTable table)
    {
        var measured = table.Measurements.OrderBy(what => what == table.Headline ? 0 : 1)
            .Select(what => Section(table, what)).ToList();
        var html = new StringBuilder(HtmlStyle.Element).Append(measured[0]).Append(Note(table));
        if (measured.Count > 1)
        {
            html.Append($"<details><summary>Also measured ({measured.Count - 1})</summary>")
                .AppendJoin("", measured.Skip(1)).Append("</details>");
        }

        return MimeBundle.OfHtml(html.Append(SortableTable.Element).ToString(), table.ToString());
    }

    private static string Section(ResultTable table, Measurement what)
    {
        var html = new StringBuilder(HtmlStyle.TableStart);
        html.Append(HtmlText.Of($"<caption>{what}</caption>"));
        html.Append("<thead><tr>").Append(SortableTable.Head("method", isNumber: false));
        string[] numbers = ["seeds", "mean", "sd", $"difference to {table.Baseline}", "95 % interval"];
        html.AppendJoin("", numbers.Select(name => SortableTable.Head(name, isNumber: true)));
        html.Append("<th scope=\"col\" class=\"kd-verdict\"></th></tr>");
        html.Append("</thead><tbody>");
        foreach (var line in table.Summarise(what.Metric, what.Split, what.Epoch))
        {
            html.Append(Row(line, line.Method == table.Baseline));
        }

        return html.Append("</tbody></table></div>").ToString();
    }

    private static string Row(ResultSummary line, bool isBaseline)
    {
        var start = line.ExcludesZero ? "<tr class=\"kd-differs\">" : "<tr>";
        return start + HtmlText.Of($"<th scope=\"row\" class=\"kd-name\">{line.Method}</th>")
            + SortableTable.Cell(line.Runs, $"{line.Runs}")
            + SortableTable.Cell(line.Mean, ResultTable.Number(line.Mean))
            + SortableTable.Cell(line.StandardDeviation, ResultTable.Number(line.StandardDeviation))
            + SortableTable.Cell(line.Difference, ResultTable.Signed(line.Difference))
            + SortableTable.Cell(line.Low, ResultTable.Interval(line))
            + HtmlText.Of($"<td class=\"kd-verdict\">{Verdict(line, isBaseline)}</td></tr>");
    }

    private static string Verdict(ResultSummary line, bool isBaseline) =>
        isBaseline ? "baseline" : line.Low > 0 ? "▲ higher" : line.High < 0 ? "▼ lower" : "";

    private static string Note(ResultTable table) => HtmlText.Of(
        $"<p class=\"kd-note\">Differences are paired by seed with {table.Baseline}. ▲ and ▼: the 95 % interval of the "
        + $"mean difference (Student’s t) excludes zero. sd: over seeds.</p>");
}
