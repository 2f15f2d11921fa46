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

    // A variance of nothing bears no claim, of however many seeds.
    [Theory]
    [InlineData(new[] { 81.0, 83, 88 }, "m: 84.00 % against 83.00 % for none, a paired difference of +1.00 "
        + "points over 3 seeds; all seeds differ by one amount, and without a spread between seeds there is no "
        + "interval, so nothing can be concluded.")]
    [InlineData(new[] { 80.0, 82, 87 }, "m: 83.00 % against 83.00 % for none, a paired difference of 0.00 "
        + "points over 3 seeds; its value is that of none at every seed, so nothing can be concluded.")]
    public void Differences_without_a_spread_bear_no_claim(double[] values, string sentence) =>
        Assert.Equal(sentence, Conclusion.Of(ResultTableTests.Table(("none", [80, 82, 87]), ("m", values)), "m"));

    // Alone the interval excludes zero, [+0.52, +5.48]; t at 1 - 0.025 / 2 with two degrees of freedom is 6.205347.
    [Fact]
    public void Among_several_methods_the_simultaneous_interval_decides_and_the_single_one_is_said()
    {
        var table = ResultTableTests.Table(("none", [80, 82, 87]), ("m", [83, 84, 91]), ("other", [79, 83, 88]));

        Assert.Equal(
            "m: 86.00 % against 83.00 % for none, a paired difference of +3.00 points over 3 seeds; the simultaneous "
            + "95 % interval [-0.58, +6.58] of 2 methods holds zero: no difference was shown. (Its interval alone, "
            + "[+0.52, +5.48], does not; among 2 some do by chance.)",
            Conclusion.Of(table, "m"));
    }

    [Fact]
    public void Among_several_methods_a_clear_effect_is_said_to_help()
    {
        var table = ResultTableTests.Table(("none", [80, 82, 87]), ("m", [83, 85.1, 89.9]), ("other", [79, 83, 88]));

        Assert.EndsWith(
            "the simultaneous 95 % interval [+2.64, +3.36] of 2 methods lies above zero: it helped.",
            Conclusion.Of(table, "m"));
    }

    [Fact]
    public void Seeds_that_the_baseline_lacks_are_said()
    {
        ResultRow[] rows =
        [
            new("none", 1, "accuracy", 80, "test"), new("none", 2, "accuracy", 82, "test"),
            new("m", 1, "accuracy", 81, "test"), new("m", 2, "accuracy", 87, "test"),
            new("m", 9, "accuracy", 84, "test"),
        ];

        Assert.Contains(
            "+3.00 points over 2 seeds (2 of 3 seeds paired); the 95 % interval",
            Conclusion.Of(new ResultTable(rows, "none"), "m"));
    }

    [Fact]
    public void Of_a_metric_that_is_better_when_lower_less_helped()
    {
        ResultRow[] rows =
        [
            .. Enumerable.Range(1, 4).Select(seed => new ResultRow("none", seed, "loss", 2, "test")),
            .. Enumerable.Range(1, 4).Select(seed => new ResultRow("less", seed, "loss", 1 + (0.01 * seed), "test")),
            .. Enumerable.Range(1, 4).Select(seed => new ResultRow("more", seed, "loss", 3 + (0.01 * seed), "test")),
        ];
        var table = new ResultTable(rows, "none");

        Assert.EndsWith("lies below zero: it helped.", Conclusion.Of(table, "less"));
        Assert.EndsWith("lies above zero: it hurt.", Conclusion.Of(table, "more"));
    }

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
