using System.Text;
using KdNotebooks.Results;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>
/// A table for each thing that was measured, test accuracy at the last epoch first; the others fold away below it.
/// A difference whose simultaneous interval excludes zero is marked by a sign and a word, so that it shows without
/// color.
/// </summary>
internal static class ResultTableFormatter
{
    private const string ElseNote = "<p class=\"kd-note\">Each of these tables holds together by itself, and not with "
        + "the others: of many tables some mark a difference by chance. What is concluded goes by the one above.</p>";

    public static MimeBundle Format(ResultTable table)
    {
        var measured = table.Measurements.OrderBy(what => what == table.Headline ? 0 : 1)
            .Select(what => Section(table, what)).ToList();
        var html = new StringBuilder(HtmlStyle.Element).Append(measured[0]).Append(Note(table));
        if (measured.Count > 1)
        {
            html.Append($"<details><summary>Also measured ({measured.Count - 1})</summary>")
                .AppendJoin("", measured.Skip(1)).Append(ElseNote).Append("</details>");
        }

        return MimeBundle.OfHtml(html.Append(SortableTable.Element).ToString(), table.ToString());
    }

    private static string Section(ResultTable table, Measurement what)
    {
        var html = new StringBuilder(HtmlStyle.TableStart);
        html.Append(HtmlText.Of($"<caption>{what}</caption>"));
        html.Append("<thead><tr>").Append(SortableTable.Head("method", isNumber: false));
        var lines = table.Summarise(what.Metric, what.Split, what.Epoch);
        string[] numbers =
        [
            "seeds", "mean", "sd", $"difference to {table.Baseline}", "95 % interval",
            lines.Max(line => line.Family) is > 1 and var family ? $"simultaneous, all {family}" : "simultaneous",
        ];
        html.AppendJoin("", numbers.Select(name => SortableTable.Head(name, isNumber: true)));
        html.Append("<th scope=\"col\" class=\"kd-verdict\"></th></tr>");
        html.Append("</thead><tbody>");
        foreach (var line in lines)
        {
            html.Append(Row(line, table.Baseline));
        }

        return html.Append("</tbody></table></div>").ToString();
    }

    private static string Row(ResultSummary line, string baseline)
    {
        var start = line.ExcludesZero ? "<tr class=\"kd-differs\">" : "<tr>";
        return start + HtmlText.Of($"<th scope=\"row\" class=\"kd-name\">{line.Method}</th>")
            + SortableTable.Cell(line.Runs, $"{line.Runs}")
            + SortableTable.Cell(line.Mean, ResultTable.Number(line.Mean))
            + SortableTable.Cell(line.StandardDeviation, ResultTable.Number(line.StandardDeviation))
            + SortableTable.Cell(line.Difference, ResultTable.Signed(line.Difference))
            + SortableTable.Cell(line.Low, ResultTable.Interval(line))
            + SortableTable.Cell(line.SimultaneousLow, ResultTable.Simultaneous(line))
            + HtmlText.Of($"<td class=\"kd-verdict\">{Verdict(line, baseline)}</td></tr>");
    }

    private static string Verdict(ResultSummary line, string baseline) =>
        line.Method == baseline ? "baseline" : Sign(line.Finding) + line.Remark(baseline);

    private static string Sign(Finding finding) => finding switch
    {
        Finding.Higher => "▲ ",
        Finding.Lower => "▼ ",
        _ => "",
    };

    private static string Unlike(ResultTable table) => table.MachineNote is { Length: > 0 } note
        ? HtmlText.Of($"<p class=\"kd-note\" role=\"note\"><b>{note}</b></p>")
        : "";

    private static string Note(ResultTable table)
    {
        var family = table.Summarise().Max(line => line.Family);
        var which = family > 1
            ? "95 % interval: of the mean difference, each method alone (Student’s t). Simultaneous: wider, so that "
                + $"all {family} hold together with 95 % (Bonferroni). ▲ and ▼: the simultaneous interval excludes "
                + "zero."
            : "▲ and ▼: the 95 % interval of the mean difference (Student’s t) excludes zero. Of one comparison the "
                + "simultaneous interval is the same.";
        return HtmlText.Of(
            $"<p class=\"kd-note\">Differences are paired by seed with {table.Baseline}. {which} sd: over seeds.</p>")
            + Unlike(table);
    }
}
