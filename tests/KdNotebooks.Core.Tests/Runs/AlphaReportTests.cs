using KdNotebooks.Runs;

namespace KdNotebooks.Tests.Runs;

public sealed class AlphaReportTests
{
    private static readonly AlphaTerm Term = new("mlp-1", "layer3 mlp-1 l2", 0.9, 0.03, 0.4, 0.1, 0.25, 1);

    [Theory]
    [InlineData(0.4, 0.1, 1, 5)] // 4 is nearer to 5 than to 2, in ratio
    [InlineData(0.4, 0.1, 3, 1)] // three terms share the pull
    [InlineData(1, 0.033, 1, 20)] // 30.3
    [InlineData(1, 0.0135, 1, 100)] // 74 rounds up to the next power
    [InlineData(1, 1234, 1, 0.001)]
    [InlineData(3e-7, 1, 1, 2e-7)]
    public void The_suggestion_makes_the_gradients_equal_in_a_round_number(
        double task, double gradient, int terms, double expected)
    {
        var term = Term with { TaskGradient = task, Gradient = gradient, Terms = terms };
        Assert.Equal(expected, term.Suggested);
        Assert.Contains($"a weight near {AlphaTerm.Text(expected)} ", term.Reason);
    }

    [Fact]
    public void By_value_the_losses_are_equal() => Assert.Equal(20, Term.ByValue); // 30

    [Fact]
    public void A_term_that_does_not_pull_gets_no_weight_and_says_so()
    {
        var term = Term with { Gradient = 0 };
        Assert.True(double.IsNaN(term.Suggested));
        Assert.Contains("does not pull on the student", term.Reason);
        Assert.Equal("n/a", AlphaTerm.Text(term.Suggested));
    }

    // The rounding of single precision is 1.19e-7.
    [Theory]
    [InlineData(0.4, 0.4e-9, "less than float32 rounds off")]
    [InlineData(0.4, 0.4 * 1.1e-7, "less than float32 rounds off")]
    [InlineData(0, 0.1, "the task does not pull on the student")]
    [InlineData(double.NaN, 0.1, "expected finite ones")]
    [InlineData(0.4, double.NaN, "expected finite ones")]
    [InlineData(0.4, double.PositiveInfinity, "expected finite ones")]
    public void A_gradient_of_rounding_or_none_gets_no_weight(double task, double gradient, string reason)
    {
        var term = Term with { TaskGradient = task, Gradient = gradient };
        Assert.True(double.IsNaN(term.Suggested));
        Assert.True(double.IsNaN(term.ByValue));
        Assert.Contains(reason, term.Reason);
    }

    [Fact]
    public void No_suggestion_is_larger_than_a_weight_may_be()
    {
        var term = Term with { TaskGradient = 1, Gradient = 1.2e-7 };
        Assert.Equal(1e7, term.Suggested);
        Assert.True(double.IsNaN((term with { Refusal = "it cannot teach" }).Suggested));
        Assert.Equal("it cannot teach", (term with { Refusal = "it cannot teach" }).Reason);
    }

    [Fact]
    public void Text_has_a_line_for_each_term_and_says_how_it_was_measured()
    {
        var lines = new AlphaReport([Term, Term with { Method = "linear", Gradient = 0.2 }], 40, 8).ToString()
            .Split(Environment.NewLine);
        Assert.Equal("mlp-1   layer3 mlp-1 l2        0.9  0.03            0.4       0.1    0.25      5", lines[1]);
        Assert.EndsWith("      2", lines[2]);
        Assert.Contains("8 batches of training images after 40 steps", lines[3]);
        var silent = new AlphaReport([Term with { Gradient = 0.4e-9 }], 40, 8).ToString().Split(Environment.NewLine);
        Assert.EndsWith("    n/a", silent[1]);
        Assert.StartsWith("mlp-1: layer3 mlp-1 l2 pulls on the student with 1E-09 of the task's gradient", silent[2]);
    }
}
