using KdNotebooks.Results;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Results;

public sealed class ResultTableTests
{
    // Two-sided 95 % quantiles of Student's t from the printed table: 1, 2, 3 and 4 degrees of freedom.
    private const double T1 = 12.706205, T2 = 4.302653, T4 = 2.776445;

    [Fact]
    public void Mean_deviation_and_difference_are_those_of_the_hand_calculation()
    {
        var lines = Table(("none", [80, 82, 87]), ("mlp", [83, 84, 91])).Summarise();

        // none: mean 83, deviations -3, -1, 4, squares 26 / 2. mlp - none: 3, 2, 4: mean 3, sd 1.
        Assert.Equal(("none", 3, 83.0), (lines[0].Method, lines[0].Runs, lines[0].Mean));
        Assert.Equal(Math.Sqrt(13), lines[0].StandardDeviation, 12);
        Assert.Equal((null, null, null, 0), (lines[0].Difference, lines[0].Low, lines[0].High, lines[0].Pairs));
        Assert.Equal(86, lines[1].Mean, 12);
        Assert.Equal(Math.Sqrt(19), lines[1].StandardDeviation, 12);
        Assert.Equal(3, lines[1].Difference!.Value, 12);
        Assert.Equal(3 - (T2 / Math.Sqrt(3)), lines[1].Low!.Value, 5);
        Assert.Equal(3 + (T2 / Math.Sqrt(3)), lines[1].High!.Value, 5);
        Assert.True(lines[1].ExcludesZero);
    }

    [Theory]
    [InlineData(T1, 1.0, 3.0)]
    [InlineData(T2, 1.0, 2.0, 3.0)]
    [InlineData(T4, 1.0, 2.0, 3.0, 4.0, 5.0)]
    public void The_interval_s_half_width_is_t_times_the_standard_error(double t, params double[] differences)
    {
        double[] none = [.. differences.Select(_ => 50.0)], m = [.. differences.Select(d => 50 + d)];

        var line = Table(("none", none), ("m", m)).Summarise()[1];

        var (n, mean) = (differences.Length, differences.Average());
        var error = Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / (n - 1) / n);
        Assert.Equal(t * error, line.High!.Value - mean, 5);
        Assert.Equal(t * error, mean - line.Low!.Value, 5);
    }

    // What the seed contributes cancels out: between unpaired means this difference would drown.
    [Fact]
    public void The_difference_is_paired_by_seed_and_not_by_order()
    {
        ResultRow[] rows = [.. Rows("none", [10, 50, 90]), .. Rows("m", [11, 51, 91]).Reverse()];

        var line = new ResultTable(rows, "none").Summarise()[1];

        Assert.Equal((1.0, 3), (line.Difference, line.Pairs));
    }

    [Fact]
    public void Only_seeds_that_both_have_are_paired()
    {
        ResultRow[] rows =
        [
            .. Rows("none", [80, 81, 82]),
            Row("m", 2, 83), Row("m", 3, 86), Row("m", 9, 20),
        ];

        var line = new ResultTable(rows, "none").Summarise()[1];

        Assert.Equal((3, 2, 3.0), (line.Runs, line.Pairs, line.Difference));
        Assert.Equal(3 + (T1 * Math.Sqrt(2) / Math.Sqrt(2)), line.High!.Value, 4);
        Assert.Equal("2 of 3 seeds paired", line.Remark("none"));
        Assert.Contains("  2 of 3 seeds paired\n", new ResultTable(rows, "none").ToString());
    }

    [Fact]
    public void One_seed_has_no_deviation_and_no_interval()
    {
        var line = Table(("none", [80]), ("m", [82])).Summarise()[1];

        Assert.Equal((1, 1, 2.0, null, null), (line.Runs, line.Pairs, line.Difference, line.Low, line.High));
        Assert.True(double.IsNaN(line.StandardDeviation));
        Assert.False(line.ExcludesZero);
    }

    [Fact]
    public void Without_a_common_seed_there_is_no_difference()
    {
        var line = new ResultTable([Row("none", 1, 80), Row("m", 2, 82)], "none").Summarise()[1];

        Assert.Equal((1, 0, null), (line.Runs, line.Pairs, line.Difference));
        Assert.Equal((Finding.NotPaired, "0 of 1 seeds paired"), (line.Finding, line.Remark("none")));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_value_that_is_not_finite_gives_no_interval_and_excludes_nothing(double value)
    {
        var table = Table(("none", [80, 81, 82]), ("m", [82, value, 84]));

        var line = table.Summarise()[1];

        Assert.False(double.IsFinite(line.Difference!.Value));
        Assert.Equal((null, null), (line.Low, line.High));
        Assert.False(line.ExcludesZero);
        Assert.Equal("", ResultTable.Interval(line));
    }

    [Fact]
    public void Metrics_splits_and_epochs_are_kept_apart()
    {
        ResultRow[] rows =
        [
            Row("none", 1, 80), new("none", 1, "loss", 0.5, "test"), new("none", 1, "accuracy", 70, "validation"),
            new("none", 1, "accuracy", 81, "test", "best"), new("only-loss", 1, "loss", 0.4, "test"),
        ];
        var table = new ResultTable(rows, "none");

        Assert.Equal(80, Assert.Single(table.Summarise()).Mean);
        Assert.Equal([0.5, 0.4], table.Summarise("loss").Select(line => line.Mean));
        Assert.Equal(70, Assert.Single(table.Summarise("accuracy", "validation")).Mean);
        Assert.Equal(81, Assert.Single(table.Summarise("accuracy", epoch: "best")).Mean);
        Assert.Empty(table.Summarise("mAP"));
        Assert.Equal(["none", "only-loss"], table.Methods);
    }

    [Fact]
    public void A_metric_that_the_baseline_lacks_is_shown_without_a_difference()
    {
        var table = new ResultTable([Row("none", 1, 80), new("m", 1, "loss", 0.4, "test")], "none");

        var line = Assert.Single(table.Summarise("loss"));
        Assert.Equal((null, Finding.NotCompared, ""), (line.Difference, line.Finding, line.Remark("none")));
    }

    [Fact]
    public void An_absent_baseline_and_a_second_measurement_are_refused()
    {
        var absent = Assert.Throws<KdException>(() => new ResultTable(Rows("m", [1]), "none"));
        var twice = Assert.Throws<KdException>(() => new ResultTable([Row("m", 1, 1), Row("m", 1, 2)], "m"));

        Assert.Equal("ResultTable: the baseline 'none' has no row; methods with rows: m.", absent.Message);
        Assert.Equal(
            "ResultTable: (m, 1, accuracy, test, last) was measured 2 times; expected one row each.", twice.Message);
    }

    [Fact]
    public void The_text_is_a_table_of_its_own()
    {
        var text = Table(("none", [80, 82, 87]), ("a-long-name", [83, 84, 91]), ("m", [double.NaN, 1, 2])).ToString();

        Assert.Equal(
            """
            Test accuracy (%), last epoch
            method       seeds   mean    sd  difference   95 % interval    simultaneous
            none             3  83.00  3.61
            a-long-name      3  86.00  4.36       +3.00  [+0.52, +5.48]  [-0.58, +6.58]
            m                3    n/a   n/a         n/a                                  a value is not a finite number: no interval
            95 % interval: each method alone (Student's t).
            Simultaneous: all 2 methods hold together with 95 % (Bonferroni); higher and lower go by these.

            """,
            text);
    }

    [Fact]
    public void One_split_alone_is_shown_as_what_it_is()
    {
        ResultRow[] rows = [Row("none", 1, 80), new("none", 1, "accuracy", 81.5, "validation")];
        var table = new ResultTable(rows, "none");

        Assert.Equal(Measurement.Default, table.Headline);
        Assert.StartsWith("Validation accuracy (%), last epoch\n", table.On("validation").ToString());
        Assert.Contains("  81.50 ", table.On("validation").ToString());
        Assert.Equal(
            "ResultTable: nothing was measured on 'valid'; measured: test, validation.",
            Assert.Throws<KdException>(() => table.On("valid")).Message);
    }

    [Theory]
    [InlineData(1.25, "+1.25")]
    [InlineData(-2.5, "-2.50")]
    [InlineData(-0.001, "0.00")]
    [InlineData(double.NaN, "n/a")]
    [InlineData(null, "")]
    public void A_signed_number_has_two_decimals(double? value, string text) =>
        Assert.Equal(text, ResultTable.Signed(value));

    [Fact]
    public void The_data_frame_holds_every_row_and_field()
    {
        ResultRow[] rows = [Row("none", 1, 80), new("m", 2, "loss", double.NaN, "validation", "best", "m-seed2-abc")];

        var frame = new ResultTable(rows, "none").ToDataFrame();

        Assert.Equal(
            ["method", "seed", "metric", "value", "split", "epoch", "run"], frame.Columns.Select(c => c.Name));
        Assert.Equal(["none", 1, "accuracy", 80.0, "test", "last", ""], frame.Rows[0]);
        Assert.Equal(["m", 2, "loss", double.NaN, "validation", "best", "m-seed2-abc"], frame.Rows[1]);
        Assert.Equal(2, frame.Rows.Count);
    }

    internal static ResultTable Table(params (string Method, double[] Values)[] methods) =>
        new(methods.SelectMany(method => Rows(method.Method, method.Values)), methods[0].Method);

    private static IEnumerable<ResultRow> Rows(string method, double[] values) =>
        values.Select((value, i) => Row(method, i + 1, value));

    private static ResultRow Row(string method, int seed, double value) => new(method, seed, "accuracy", value, "test");
}
