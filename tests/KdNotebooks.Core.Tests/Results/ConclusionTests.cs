using KdNotebooks.Results;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Results;

public sealed class ConclusionTests
{
    [Theory]
    [InlineData(new[] { 83.0, 84, 91 }, "m: 86.00 % against 83.00 % for none, a paired difference of +3.00 "
        + "points over 3 seeds; the 95 % interval [+0.52, +5.48] lies above zero: it helped.")]
    [InlineData(new[] { 77.0, 80, 83 }, "m: 80.00 % against 83.00 % for none, a paired difference of -3.00 "
        + "points over 3 seeds; the 95 % interval [-5.48, -0.52] lies below zero: it hurt.")]
    [InlineData(new[] { 80.0, 83, 87 }, "m: 83.33 % against 83.00 % for none, a paired difference of +0.33 "
        + "points over 3 seeds; the 95 % interval [-1.10, +1.77] holds zero: no difference was shown.")]
    [InlineData(new[] { 83.0 }, "m: 83.00 % against 83.00 % for none, a paired difference of +3.00 points over 1 "
        + "seed; one seed gives no interval, so nothing can be concluded.")]
    [InlineData(new[] { 83.0, double.NaN, 91 }, "m: n/a % against 83.00 % for none, a paired difference of n/a "
        + "points over 3 seeds; a value is not a finite number, so nothing can be concluded.")]
    public void It_says_what_came_out_whatever_it_was(double[] values, string sentence) =>
        Assert.Equal(sentence, Conclusion.Of(ResultTableTests.Table(("none", [80, 82, 87]), ("m", values)), "m"));

    [Theory]
    [InlineData("none")]
    [InlineData("other")]
    public void What_cannot_be_compared_is_refused_by_name(string method)
    {
        var table = ResultTableTests.Table(("none", [80]), ("m", [83]));

        var error = Assert.Throws<KdException>(() => Conclusion.Of(table, method));

        Assert.Equal(
            $"Conclusion: '{method}' cannot be compared with the baseline 'none'; measured: none, m.", error.Message);
    }
}
