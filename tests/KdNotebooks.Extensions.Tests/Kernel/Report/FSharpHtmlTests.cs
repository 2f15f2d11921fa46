using System.Net;
using System.Text.RegularExpressions;
using KdNotebooks.Kernel.Report;

namespace KdNotebooks.Extensions.Tests.Kernel.Report;

public sealed class FSharpHtmlTests
{
    [Fact]
    public void Kinds_of_tokens_have_classes()
    {
        Assert.Equal(
            "<span class=\"kw\">let</span> x <span class=\"op\">=</span> <span class=\"nu\">1</span> "
            + "<span class=\"cm\">// one</span>",
            FSharpHtml.Highlight("let x = 1 // one"));
    }

    [Fact]
    public void A_comment_over_lines_stays_one() =>
        Assert.Equal(
            "<span class=\"cm\">(* a</span>\n<span class=\"cm\">b *)</span>", FSharpHtml.Highlight("(* a\nb *)"));

    [Fact]
    public void A_magic_line_is_marked() =>
        Assert.StartsWith(
            "<span class=\"magic\">#!kd-ablate --seeds 3</span>\n",
            FSharpHtml.Highlight("#!kd-ablate --seeds 3\nlet x = 1"));

    [Theory]
    [InlineData("let s = \"<b> & 'c'\" |> id\n\n  let `` = @ ? $\"{x}\"")]
    [InlineData("#r \"nuget: X\"\n#if A\nlet x = 1\n#endif")]
    [InlineData("let broken = \"never closed\nlet y = 2")]
    [InlineData("größe + 靴 + \U0001F600 \t tab")]
    public void Nothing_of_the_code_is_lost(string code) =>
        Assert.Equal(code, WebUtility.HtmlDecode(Regex.Replace(FSharpHtml.Highlight(code), "<[^>]*>", "")));
}
