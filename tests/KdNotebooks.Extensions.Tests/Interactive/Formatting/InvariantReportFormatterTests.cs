using System.Net;
using KdNotebooks.Interactive;
using KdNotebooks.Invariants;

namespace KdNotebooks.Extensions.Tests.Interactive.Formatting;

public sealed class InvariantReportFormatterTests
{
    private static readonly InvariantReport Report = new(
        "<i>mine", 100, 1,
        [
            new ClaimResult(Claim.Finite, Verdict.Held, 100, "", []),
            new ClaimResult(
                Claim.PositiveScale, Verdict.Broken, 7, "loss 1 <before>, 4 after", [new SmallTensor("student", [1, 1, 1, 2], [1, 0])]),
            new ClaimResult(Claim.NonNegative, Verdict.NotTested, 0, "most cases were refused", []),
        ]);

    private static readonly string Html = Formatters.Format(Report).Data[MimeBundle.Html];

    [Fact]
    public void Each_claim_has_its_verdict_in_a_word_and_a_sign()
    {
        var html = WebUtility.HtmlDecode(Html);
        Assert.Contains("<th scope=\"row\" class=\"kd-name\">finite</th><td class=\"kd-verdict\">✓ held</td><td>100</td>", html);
        Assert.Contains("positive scale</th><td class=\"kd-verdict\">✗ BROKEN</td><td>7</td>", html);
        Assert.Contains("≥ 0</th><td class=\"kd-verdict\">? not tested</td><td>0</td>", html);
        Assert.Contains("1 of 3 claims held; 100 cases each, seed 1", html);
    }

    [Fact]
    public void A_broken_claim_shows_its_counterexample()
    {
        Assert.Contains("<pre>student", Html);
        Assert.Contains("[1, 1, 1, 2]", Html);
    }

    [Fact]
    public void What_came_from_a_loss_is_text()
    {
        Assert.DoesNotContain("<before>", Html);
        Assert.DoesNotContain("<i>mine", Html);
        Assert.Contains("&lt;before&gt;", Html);
    }

    [Fact]
    public void Text_is_the_reports_own() =>
        Assert.Equal(Report.ToString(), Formatters.Format(Report).Data[MimeBundle.Text]);
}
