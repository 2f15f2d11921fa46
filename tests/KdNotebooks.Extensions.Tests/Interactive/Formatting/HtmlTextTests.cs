using KdNotebooks.Interactive.Formatting;

namespace KdNotebooks.Extensions.Tests.Interactive.Formatting;

public sealed class HtmlTextTests
{
    [Theory]
    [InlineData("<b>", "&lt;b&gt;")]
    [InlineData("\"'&", "&quot;&#x27;&amp;")]
    [InlineData("größer, 靴", "größer, 靴")]
    [InlineData("a\nb", "a\nb")]
    public void What_means_something_in_HTML_is_escaped_and_the_rest_stays(string text, string html) =>
        Assert.Equal(html, HtmlText.Escape(text));

    [Fact]
    public void Holes_are_escaped_and_markup_is_not()
    {
        var name = "<i>";

        Assert.Equal("<b>&lt;i&gt; 3</b>", HtmlText.Of($"<b>{name} " + $"{3}</b>"));
    }
}
