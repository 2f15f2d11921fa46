using KdNotebooks.Interactive;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Kernel;

namespace KdNotebooks.Extensions.Tests.Interactive;

/// <summary>What the HTML of an output does where its scripts run, in a real browser.</summary>
public sealed class InBrowserTests
{
    [Fact]
    public void A_table_is_sorted_by_its_heads_up_and_down_and_says_so()
    {
        var text = Run("", Samples.Table(), """
            var table = document.querySelector(".kd-table"), button = table.querySelectorAll("button.kd-sort")[4];
            function column() {
              return button.closest("th").getAttribute("aria-sort") + ":" +
                [].map.call(table.tBodies[0].rows, function (row) { return row.cells[4].textContent }).join("|");
            }
            button.click(); var up = column(); button.click(); say(up + " " + column());
            """);

        // The baseline, which has no difference, stands last either way.
        Assert.Equal("ascending:+1.00|+2.00| descending:+2.00|+1.00|", text);
    }

    [Fact]
    public void A_figure_that_is_folded_away_is_drawn_at_full_width_when_it_unfolds()
    {
        var text = Run($"<script>{PlotlyLibrary.Script}</script>", Analyses.Experiment(), """
            document.querySelector(".kd-fold").open = true;
            setTimeout(function () {
              var plot = document.querySelector(".kd-plot"), numbers = document.getElementById(plot.id + "-numbers");
              say(plot.querySelectorAll("g.trace").length + " " + plot.querySelector(".main-svg").getAttribute("width")
                + " " + numbers.open);
            }, 1000);
            """);

        Assert.Equal("4 860 false", text); // two bands and two lines
    }

    [Fact]
    public void Without_the_library_the_numbers_of_a_figure_are_open() => Assert.Equal("true", Run(
        "", Samples.Curves(), "say(document.querySelector('.kd-figure details').open);"));

    private static string Run(string head, object value, string script)
    {
        Assert.SkipWhen(StaticFiguresBrowser.Find() is null, "Chromium is not installed here");
        var dom = StaticFiguresBrowser.Dom($$"""
            <html><body style="width:900px">{{head}}{{Formatters.Format(value).Data[MimeBundle.Html]}}
            <script>function say(text) {
              document.body.innerHTML = "<pre id=said></pre>";
              document.getElementById("said").textContent = text;
            }
            {{script}}</script></body></html>
            """);
        var start = dom.IndexOf("<pre id=\"said\">", StringComparison.Ordinal) + 15;
        return dom[start..dom.IndexOf("</pre>", start, StringComparison.Ordinal)];
    }
}
