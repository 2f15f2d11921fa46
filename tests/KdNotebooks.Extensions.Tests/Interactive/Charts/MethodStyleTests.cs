using KdNotebooks.Extensions.Tests.Interactive.Magics;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Runtime;

namespace KdNotebooks.Extensions.Tests.Interactive.Charts;

public sealed class MethodStyleTests
{
    [Fact]
    public void A_method_keeps_its_style_in_every_figure()
    {
        var curves = LearningCurvesChartTests.Traces(LearningCurvesChart.Draw(Samples.Curves()));
        var differences = LearningCurvesChartTests.Traces(DifferenceChart.Draw(Samples.Table()));

        Assert.Equal((string?)curves[3]!["line"]!["color"], (string?)differences[3]!["marker"]!["color"]);
    }

    [Fact]
    public void Twenty_methods_differ_in_more_than_color()
    {
        var styles = Enumerable.Range(0, 20).Select(i => MethodStyle.Of($"twenty-{i}")).ToList();

        Assert.Equal(20, styles.Distinct().Count());
    }

    [Fact]
    public void Two_notebooks_color_their_methods_each_for_itself()
    {
        using var one = new Shown();
        Assert.Equal("#0072B2", MethodStyle.Of("a").Color);
        using (RunContext.Use(RunContext.Default))
        using (new Shown())
        {
            Assert.Equal("#0072B2", MethodStyle.Of("b").Color);
            Assert.Equal("#D55E00", MethodStyle.Of("a").Color);
        }

        Assert.Equal("#0072B2", MethodStyle.Of("a").Color);
    }

    [Fact]
    public void The_baseline_is_grey() => Assert.Equal("rgba(107,107,107,0.5)", MethodStyle.Of("none").Faded(0.5));
}
