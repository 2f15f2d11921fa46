using System.Text.RegularExpressions;
using KdNotebooks.Interactive;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Results;

namespace KdNotebooks.Extensions.Tests.Interactive.Formatting;

public sealed class ResultTableFormatterTests
{
    [Fact]
    public void A_row_holds_the_statistics_and_a_word_for_its_verdict()
    {
        var html = Html(Samples.Table());

        var row = Regex.Replace(Decoded(html), " (class=\"kd-number\" )?data-sort=\"[^\"]*\"", "");
        Assert.Contains(
            "<tr class=\"kd-differs\"><th scope=\"row\" class=\"kd-name\">mlp</th><td>3</td><td>83.00</td><td>1.20</td>"
            + "<td>+2.00</td><td>[+1.50, +2.50]</td><td>[+1.28, +2.72]</td>"
            + "<td class=\"kd-verdict\">▲ higher</td></tr>", row);
        Assert.Contains("<td class=\"kd-verdict\">baseline</td>", html);
    }

    [Fact]
    public void Rows_that_were_not_made_alike_are_named_below_the_table_and_in_every_chart_of_it()
    {
        var table = new ResultTable(Samples.Table().Rows.Select(row =>
            row with { Machine = row is { Method: "mlp", Seed: 2 } ? "8 threads of <P>" : "1 thread of Q" }), "none");
        Figure[] figures = [ComparisonChart.Draw(table), AblationChart.Draw(table), DifferenceChart.Draw(table)];

        Assert.All([System.Net.WebUtility.HtmlDecode(Html(table)), .. figures.Select(figure => figure.Table)], text =>
            Assert.Contains("mlp (seed 2) with 8 threads of <P>; ", text));
        Assert.DoesNotContain("<P>", Html(table));
        Assert.All(figures, figure => Assert.EndsWith("see the table", figure.Says));
        Assert.DoesNotContain("thread", Html(Samples.Table()));
    }

    // Alone [+1.50, +2.50] excludes zero; with three methods more, the intervals that hold together hold it.
    [Fact]
    public void Of_many_methods_a_mark_asks_for_the_simultaneous_interval()
    {
        var rows = Enumerable.Range(1, 60).SelectMany(k => Enumerable.Range(1, 3).Select(
            seed => new ResultRow($"noise-{k}", seed, "accuracy", 80 + seed + (((k * seed) % 7) - 3.0), "test")));
        var table = new ResultTable([.. Samples.Table().Rows, .. rows], "none");

        var html = Decoded(Html(table));

        Assert.Contains("simultaneous, all 62</button>", html);
        Assert.Contains("[+1.50, +2.50]", html);
        Assert.DoesNotContain("▲ higher</td></tr><tr><th scope=\"row\" class=\"kd-name\">noise", html);
        Assert.Contains("all 62 hold together with 95 % (Bonferroni). ▲ and ▼: the simultaneous interval", html);
    }

    [Fact]
    public void Equal_differences_and_unpaired_seeds_are_said_in_the_row()
    {
        var table = new ResultTable(
        [
            new("none", 1, "accuracy", 80, "test"), new("none", 2, "accuracy", 81, "test"),
            new("mlp", 1, "accuracy", 81, "test"), new("mlp", 2, "accuracy", 82, "test"),
            new("mlp", 3, "accuracy", 90, "test"),
        ], "none");

        Assert.Contains(
            "<td class=\"kd-verdict\">no spread between seeds: no interval; 2 of 3 seeds paired</td>", Html(table));
        Assert.DoesNotContain("<tr class=\"kd-differs\">", Html(table));
    }

    [Fact]
    public void A_difference_that_may_be_chance_is_not_marked()
    {
        var table = new ResultTable(
        [
            new("none", 1, "accuracy", 80, "test"), new("none", 2, "accuracy", 80, "test"),
            new("mlp", 1, "accuracy", 79, "test"), new("mlp", 2, "accuracy", 82, "test"),
        ], "none");

        Assert.DoesNotContain("<tr class=\"kd-differs\">", Html(table));
    }

    [Fact]
    public void Text_is_the_tables_own() =>
        Assert.Equal(Samples.Table().ToString(), Formatters.Format(Samples.Table()).Data[MimeBundle.Text]);

    [Fact]
    public void What_else_was_measured_is_folded_below()
    {
        var table = new ResultTable(
            [new("a", 1, "loss", 0.5, "validation", "best"), new("a", 1, "accuracy", 80, "test")], "a");

        var html = Html(table);

        Assert.Contains("<caption>Test accuracy (%), last epoch</caption>", html);
        Assert.True(html.IndexOf("<details>", StringComparison.Ordinal)
            < html.IndexOf("<caption>Validation loss, best epoch</caption>", StringComparison.Ordinal));
    }

    [Fact]
    public void A_hostile_method_name_is_text() =>
        Assert.DoesNotContain("<script>alert", Html(Samples.Table(Samples.Hostile)));

    private static string Html(ResultTable table) => Formatters.Format(table).Data[MimeBundle.Html];

    private static string Decoded(string html) => html.Replace("&#x2B;", "+");
}
