using System.Text.Json.Nodes;
using KdNotebooks.Kernel.Report;

namespace KdNotebooks.Extensions.Tests.Kernel.Report;

public sealed class MarkdownHtmlTests
{
    [Theory]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("a <script>alert(1)</script> b")]
    [InlineData("<div>\n\n</div>")]
    public void Raw_HTML_is_text(string source)
    {
        var html = Render(source);

        Assert.DoesNotContain("<img", html);
        Assert.DoesNotContain("<script", html);
        Assert.DoesNotContain("<div", html);
        Assert.Contains("&lt;", html);
    }

    [Theory]
    [InlineData("[x](javascript:alert(1))")]
    [InlineData("[x](JAVA&#x0A;SCRIPT:alert(1))")]
    [InlineData("[x](data:text/html;base64,AAAA)")]
    [InlineData("[x]( vbscript:a)")]
    [InlineData("<javascript:alert(1)>")]
    public void A_link_cannot_run_a_script(string source) => Assert.DoesNotMatch("href=\"(?!#\")", Render(source));

    [Fact]
    public void A_link_to_the_web_stays() =>
        Assert.Contains("href=\"https://example.org/a\"", Render("[x](https://example.org/a)"));

    [Fact]
    public void An_image_from_elsewhere_is_a_link_since_the_page_loads_nothing()
    {
        var html = Render("![a map](https://example.org/map.png)");

        Assert.DoesNotContain("<img", html);
        Assert.Contains(">a map</a>", html);
    }

    [Fact]
    public void An_attached_image_is_in_the_page()
    {
        var attachments = new JsonObject { ["a b.png"] = new JsonObject { ["image/png"] = "AAAA" } };

        var html = new MarkdownHtml().Render("![x](attachment:a%20b.png)", attachments);

        Assert.Contains("<img src=\"data:image/png;base64,AAAA\"", html);
    }

    [Fact]
    public void Tables_formulas_and_FSharp_are_rendered()
    {
        Assert.Contains("<td>1</td>", Render("| a |\n|---|\n| 1 |"));
        Assert.Contains("<span class=\"math\">α<sub><i>i</i></sub></span>", Render("$\\alpha_i$"));
        Assert.Contains("class=\"math display\"", Render("$$\nx\n$$"));
        Assert.Contains("<span class=\"kw\">let</span>", Render("```fsharp\nlet x = 1\n```"));
    }

    private static string Render(string source) => new MarkdownHtml().Render(source);
}
