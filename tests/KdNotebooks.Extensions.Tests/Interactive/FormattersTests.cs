using KdNotebooks.Interactive;

namespace KdNotebooks.Extensions.Tests.Interactive;

public sealed class FormattersTests
{
    [Fact]
    public void Every_bundle_has_text()
    {
        object?[] values =
        [
            null, "text", 1.5, new[] { 1, 2 }, Samples.Table(), Samples.Curves(), Samples.Images(),
            new InvalidOperationException("no"), new Markdown("*a*"), new Html("<b>a</b>", "a"),
            new MimeBundle(new Dictionary<string, string>()), new { A = 1 },
        ];

        Assert.All(values, value => Assert.Contains(MimeBundle.Text, Formatters.Format(value).Data.Keys));
    }

    [Fact]
    public void Nothing_is_shown_as_null() => Assert.Equal("null", Formatters.Format(null).Data[MimeBundle.Text]);

    [Fact]
    public void A_value_that_cannot_be_shown_says_why_instead_of_failing_the_cell()
    {
        var text = Formatters.Format(new Broken()).Data[MimeBundle.Text];

        Assert.Equal("Broken (it could not be shown: out of paper)", text);
    }

    [Fact]
    public void A_registered_type_is_shown_as_registered()
    {
        Formatters.Register<Probe>(probe => MimeBundle.OfText($"probe {probe.Number}"));

        Assert.Equal("probe 3", Formatters.Format(new Probe(3)).Data[MimeBundle.Text]);
    }

    [Fact]
    public void Prose_is_left_to_the_host_as_markdown() =>
        Assert.Equal("*a*", Formatters.Format(new Markdown("*a*")).Data[MimeBundle.Markdown]);

    [Fact]
    public void A_chart_made_with_Plotly_NET_itself_is_a_figure()
    {
        var chart = Plotly.NET.CSharp.Chart.Line<int, int, string>([1, 2], [3, 4]);

        var bundle = Formatters.Format(chart);

        Assert.Contains("\"data\":[{", bundle.Data[MimeBundle.Plotly]);
        Assert.Contains("1 trace", bundle.Data[MimeBundle.Text]);
    }

    private sealed record Probe(int Number);

    private sealed class Broken
    {
        public override string ToString() => throw new InvalidOperationException("out of paper");
    }
}
