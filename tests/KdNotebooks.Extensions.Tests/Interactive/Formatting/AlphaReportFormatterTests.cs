using KdNotebooks.Interactive;
using KdNotebooks.Runs;

namespace KdNotebooks.Extensions.Tests.Interactive.Formatting;

public sealed class AlphaReportFormatterTests
{
    private static readonly AlphaReport Report = new(
        [new AlphaTerm("<b>mine", "layer3 mlp-1 l2", 0.9, 0.03, 0.4, 0.1, 0.25, 1)], 40, 8);

    [Fact]
    public void A_row_holds_what_was_measured_and_the_suggestion()
    {
        var html = Formatters.Format(Report).Data[MimeBundle.Html];
        Assert.Contains(
            "<td><strong>5</strong></td><td>0.9</td><td>0.03</td><td>0.4</td><td>0.1</td><td>0.25</td><td>20</td>",
            html);
        Assert.Contains("a weight near 5 makes them equal", html);
        Assert.Contains("after 40 steps of the task alone", html);
    }

    [Fact]
    public void A_name_is_text()
    {
        var html = Formatters.Format(Report).Data[MimeBundle.Html];
        Assert.DoesNotContain("<b>mine", html);
        Assert.Contains("&lt;b&gt;mine", html);
    }

    [Fact]
    public void Text_is_the_reports_own() =>
        Assert.Equal(Report.ToString(), Formatters.Format(Report).Data[MimeBundle.Text]);
}
