using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KdNotebooks.Extensions.Tests.Interactive;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Kernel.Report;

namespace KdNotebooks.Extensions.Tests.Kernel.Report;

public sealed partial class HtmlReportTests
{
    private static readonly string Page = HtmlReport.Render(ExampleNotebook.Create(), "example.ipynb");

    [Fact]
    public void The_library_is_in_the_page_once_beside_its_figures()
    {
        Assert.Equal(2, Page.Split(PlotlyLibrary.Script).Length);
        Assert.Equal(2, Page.Split("<div class=\"plot\"").Length - 1);
        Assert.All(FigureJson().Matches(Page), json => Assert.NotNull(JsonNode.Parse(json.Groups[1].Value)!["data"]));
    }

    [Fact]
    public void A_page_without_a_figure_is_without_the_library()
    {
        var page = HtmlReport.Render(ExampleNotebook.Of(ExampleNotebook.Markdown("Prose.")), "short");

        Assert.DoesNotContain("plotly.js v", page);
        Assert.True(page.Length < 40_000, $"{page.Length} characters");
    }

    [Fact]
    public void The_page_loads_nothing()
    {
        var markup = Scripts().Replace(Page, "");

        Assert.All(Loads().Matches(markup), load =>
            Assert.StartsWith("data:image/png;base64,", load.Groups["what"].Value));
        Assert.DoesNotContain("@import", markup);
        Assert.DoesNotContain("url(", markup);
        Assert.DoesNotContain("<link", markup);
        Assert.DoesNotContain("<iframe", markup);
    }

    [Fact]
    public void The_policy_allows_the_pages_own_scripts_and_nothing_else()
    {
        var policy = Policy().Match(Page).Groups[1].Value;

        Assert.StartsWith("default-src 'none'; script-src 'sha256-", policy);
        Assert.DoesNotContain("http", policy);
        var scripts = OwnScripts().Matches(Page).Select(script => script.Groups[1].Value).ToList();
        Assert.Equal(3, scripts.Count); // the library, the page, the tables
        Assert.All(scripts, script =>
            Assert.Contains(Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script))), policy));
    }

    [Fact]
    public void A_name_with_markup_comes_out_as_text_wherever_it_stands()
    {
        Assert.DoesNotContain(Samples.Hostile, Page);
        Assert.Equal(3, Regex.Count(Page, "<script>"));
        Assert.Contains("&lt;script&gt;alert", Page);
        Assert.DoesNotContain("<script>alert", HtmlReport.Render(ExampleNotebook.Of(), Samples.Hostile));
    }

    [Fact]
    public void The_notebooks_own_heading_is_the_pages_title_and_is_not_said_twice()
    {
        Assert.Contains("<title>A small test</title>", Page);
        Assert.Contains("<h1>A small <em>test</em></h1>", Page);
        Assert.Single(Regex.Matches(Page, "A small <em>"));
        Assert.Contains("<p class=\"eyebrow\">example.ipynb</p>", Page);
    }

    [Fact]
    public void Headings_are_in_the_contents()
    {
        var page = HtmlReport.Render(ExampleNotebook.Of(ExampleNotebook.Markdown("## One\n\n### Two `x`")), "t");

        Assert.Contains(
            "<li class=\"level-2\"><a href=\"#s1\">One</a></li>"
            + "<li class=\"level-3\"><a href=\"#s2\">Two x</a></li>", page);
        Assert.Contains("<h3 id=\"s2\">", page);
    }

    [Fact]
    public void A_notebook_that_stopped_says_where_and_what_was_not_run()
    {
        Assert.Contains("stopped with an error in code cell 6 of 7", Page);
        Assert.Contains("<section class=\"cell failed\" id=\"failed\">", Page);
        Assert.Contains("<span class=\"count\">not run</span>", Page);
    }

    [Fact]
    public void The_same_notebook_makes_the_same_page() =>
        Assert.Equal(Page, HtmlReport.Render(ExampleNotebook.Create(), "example.ipynb"));

    [Fact]
    public void An_empty_object_is_a_page_too() => Assert.Contains("<h1>empty</h1>", HtmlReport.Render([], "empty"));

    [GeneratedRegex("<script type=\"application/json\"[^>]*>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex FigureJson();

    [GeneratedRegex("<script.*?</script>", RegexOptions.Singleline)]
    private static partial Regex Scripts();

    [GeneratedRegex("<script>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex OwnScripts();

    [GeneratedRegex("\\s(src|srcset|poster|data|action)=\"(?<what>[^\"]*)\"")]
    private static partial Regex Loads();

    [GeneratedRegex("Content-Security-Policy\" content=\"([^\"]*)\"")]
    private static partial Regex Policy();
}
