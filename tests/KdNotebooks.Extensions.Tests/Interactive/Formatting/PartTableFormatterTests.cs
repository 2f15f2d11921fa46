using System.Net;
using KdNotebooks.Catalogue;
using KdNotebooks.Interactive;

namespace KdNotebooks.Extensions.Tests.Interactive.Formatting;

public sealed class MethodTableFormatterTests
{
    [Fact]
    public void Every_method_has_a_row_with_formula_options_claims_and_paper()
    {
        var html = WebUtility.HtmlDecode(Formatters.Format(PartTable.Losses).Data[MimeBundle.Html]);
        Assert.All(PartTable.Losses.Cards, card =>
        {
            Assert.Contains($"<th scope=\"row\" class=\"kd-name\">{card.Kind}</th>", html);
            Assert.Contains(card.About.Formula, html);
            Assert.Contains(card.About.Paper, html);
            Assert.Contains($"Claims: {card.Claims}.", html);
        });
        Assert.Contains("temperature = 4", html);
    }

    [Fact]
    public void Text_is_the_tables_own() =>
        Assert.Equal(PartTable.Aligners.ToString(), Formatters.Format(PartTable.Aligners).Data[MimeBundle.Text]);
}
