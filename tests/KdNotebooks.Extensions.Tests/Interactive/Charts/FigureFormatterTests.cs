using System.Text.Json.Nodes;
using KdNotebooks.Interactive;

namespace KdNotebooks.Extensions.Tests.Interactive.Charts;

public sealed class FigureFormatterTests
{
    [Fact]
    public void A_figure_comes_as_plotly_HTML_and_text()
    {
        var bundle = Formatters.Format(Samples.Curves());

        var plotly = JsonNode.Parse(bundle.Data[MimeBundle.Plotly])!.AsObject();
        Assert.Equal(["data", "layout", "config"], plotly.Select(part => part.Key));
        Assert.Contains("mlp         2       3", bundle.Data[MimeBundle.Text]);
        Assert.Contains("<pre>method", bundle.Data[MimeBundle.Html]);
    }

    [Fact]
    public void The_same_figure_shown_twice_draws_in_two_places() =>
        Assert.NotEqual(
            Formatters.Format(Samples.Curves()).Data[MimeBundle.Html],
            Formatters.Format(Samples.Curves()).Data[MimeBundle.Html]);

    [Fact]
    public void Its_HTML_loads_nothing_and_holds_no_script_but_its_own()
    {
        var html = Formatters.Format(Samples.Curves(Samples.Hostile)).Data[MimeBundle.Html];

        Assert.Equal(2, html.Split("<script>").Length);
        Assert.Equal(2, html.Split("<script type=\"application/json\"").Length);
        Assert.DoesNotContain("http", html);
        Assert.DoesNotContain("src=", html);
    }
}
