using System.Text.Json.Nodes;
using KdNotebooks.Kernel.Report;

namespace KdNotebooks.Extensions.Tests.Kernel.Report;

public sealed class OutputHtmlTests
{
    private readonly OutputHtml outputs = new(new MarkdownHtml());

    [Fact]
    public void The_best_form_is_shown()
    {
        var figure = new JsonObject { ["data"] = new JsonArray() };
        Assert.StartsWith("<figure", Render(("text/html", "<b>h</b>"), ("text/plain", "p"), (Plotly, figure)));
        Assert.Equal(
            "<div class=\"html\"><b>h</b></div>",
            Render(("text/plain", "p"), ("image/png", "AAAA"), ("text/html", "<b>h</b>")));
        Assert.StartsWith("<img", Render(("text/plain", "p"), ("image/png", "AA\nAA"), ("text/markdown", "m")));
        Assert.Contains("<em>m</em>", Render(("text/plain", "p"), ("text/markdown", "*m*")));
        Assert.Equal("<pre class=\"text\">p &lt;b&gt;</pre>", Render(("text/plain", "p <b>\n")));
    }

    [Fact]
    public void A_figure_keeps_its_table_and_its_description()
    {
        var html = outputs.Render(ExampleNotebook.Shown(Extensions.Tests.Interactive.Samples.Curves()));

        Assert.True(outputs.HasFigures);
        Assert.Contains("aria-label=\"Line chart: Validation accuracy by epoch", html);
        Assert.Contains("<pre>method  seeds", html);
        Assert.Contains("<figcaption><strong>Validation accuracy by epoch</strong>", html);
    }

    [Fact]
    public void A_picture_that_is_not_base64_cannot_leave_its_attribute()
    {
        var html = Render(("image/png", "\" onerror=\"alert(1)"), ("text/plain", "a picture"));

        Assert.Equal("<pre class=\"text\">a picture</pre>", html);
    }

    [Fact]
    public void An_SVG_is_shown_as_an_image_so_that_it_cannot_run() =>
        Assert.Contains(
            "src=\"data:image/svg&#x2B;xml;base64,", Render(("image/svg+xml", "<svg onload=\"alert(1)\"/>")));

    [Fact]
    public void An_error_is_readable_and_keeps_its_place()
    {
        var html = outputs.Render(ExampleNotebook.Error("Bad", "a < b", "\u001b[0;31mBad\u001b[0m", "  at <Main>"));

        Assert.Equal(
            "<div class=\"error\" role=\"alert\"><strong>Bad</strong><pre>a &lt; b</pre>"
            + "<details><summary>where it happened</summary><pre>Bad\n  at &lt;Main&gt;</pre></details></div>", html);
    }

    [Fact]
    public void The_library_shown_to_a_live_host_is_left_out() => Assert.Equal("", Render(
        ("text/html", KdNotebooks.Interactive.Charts.PlotlyLibrary.AsBundle().Data["text/html"]), ("text/plain", "")));

    [Fact]
    public void An_output_of_an_unknown_kind_is_nothing() =>
        Assert.Equal("", outputs.Render(new JsonObject { ["output_type"] = "clear" }));

    private const string Plotly = "application/vnd.plotly.v1+json";

    private string Render(params (string, JsonNode)[] forms) => outputs.Render(ExampleNotebook.Data(forms));
}
