using KdNotebooks.Kernel.Report;

namespace KdNotebooks.Extensions.Tests.Kernel.Report;

public sealed class MathTextTests
{
    [Theory]
    [InlineData("x_i^2", "<i>x</i><sub><i>i</i></sub><sup>2</sup>")]
    [InlineData("\\alpha \\cdot L_{\\text{task}}", "α · <i>L</i><sub>task</sub>")]
    [InlineData("\\frac{1}{N}", "<span class=\"frac\"><span>1</span><span><i>N</i></span></span>")]
    [InlineData("a < b", "<i>a</i> &lt; <i>b</i>")]
    [InlineData("\\unknown{x}", "unknown<i>x</i>")]
    public void Common_formulas_become_text(string tex, string html) => Assert.Equal(html, MathText.ToHtml(tex));

    [Theory]
    [InlineData("x_")]
    [InlineData("{{{")]
    [InlineData("\\")]
    [InlineData("\\frac{a")]
    [InlineData("}")]
    [InlineData("a } b")]
    public void A_broken_formula_is_no_error_and_keeps_what_it_can(string tex) => Assert.NotNull(MathText.ToHtml(tex));
}
