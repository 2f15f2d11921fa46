using KdNotebooks.Interactive;
using KdNotebooks.Kernel.Engine;
using KdNotebooks.Kernel.Jupyter;
using KdNotebooks.Kernel.Jupyter.Cells;

namespace KdNotebooks.Extensions.Tests.Kernel.Jupyter.Cells;

public sealed class CellPublisherTests
{
    private static readonly MimeBundle Figure =
        MimeBundle.OfHtml("<figure>", "figure").With(MimeBundle.Plotly, "{\"data\": []}");

    private readonly Sent sent = new();
    private readonly PlotlyCarrier plotly;

    public CellPublisherTests() => plotly = new PlotlyCarrier(sent.Outlet);

    private CellPublisher Publisher(string session = "page") =>
        new(Sent.Request("cell", session: session), 7, sent.Outlet, new StatusLine(sent.Outlet), plotly);

    [Fact]
    public void What_was_printed_before_a_display_is_sent_before_it()
    {
        using (var publisher = Publisher())
        {
            publisher.Printed("stdout", "first\n");
            publisher.Shown(new DisplayOutput("d1", MimeBundle.OfText("second"), isResult: false));
            publisher.Shown(new DisplayOutput("d2", MimeBundle.OfText("third"), isResult: true));
        }

        Assert.Equal(["stream", "display_data", "execute_result"], sent.Types);
        Assert.Equal("d1", (string?)sent.Content(1)["transient"]!["display_id"]);
        Assert.Equal("second", (string?)sent.Content(1)["data"]!["text/plain"]);
        Assert.Equal(7, (int?)sent.Content(2)["execution_count"]);
    }

    [Fact]
    public void The_first_figure_of_a_page_brings_the_library_and_the_cells_end_takes_it_away()
    {
        using (var publisher = Publisher())
        {
            publisher.Shown(new DisplayOutput("d1", Figure, isResult: false));
            publisher.Shown(new DisplayOutput("d2", Figure, isResult: false));
        }

        Assert.Equal(["display_data", "display_data", "display_data", "update_display_data"], sent.Types);
        Assert.Contains("Plotly", (string?)sent.Content(0)["data"]!["text/html"]);
        Assert.Equal("", (string?)sent.Content(3)["data"]!["text/html"]);
        Assert.Equal(
            (string?)sent.Content(0)["transient"]!["display_id"], (string?)sent.Content(3)["transient"]!["display_id"]);
    }

    [Fact]
    public void A_page_that_is_loaded_again_gets_the_library_again()
    {
        foreach (var session in new[] { "page", "page", "page loaded again" })
        {
            using var publisher = Publisher(session);
            publisher.Shown(new DisplayOutput("d", Figure, isResult: true));
        }

        Assert.Equal(2, sent.Types.Count(type => type == "display_data"));
    }

    [Fact]
    public void JSON_is_sent_as_JSON_and_text_as_one_text()
    {
        using var publisher = Publisher();
        var bundle = MimeBundle.OfText("a\nb").With("application/json", "{\"x\": 1}");
        publisher.Shown(new DisplayOutput("d", bundle, isResult: false));
        Assert.Equal("a\nb", (string?)sent.Content(0)["data"]!["text/plain"]);
        Assert.Equal(1, (int?)sent.Content(0)["data"]!["application/json"]!["x"]);
    }
}
