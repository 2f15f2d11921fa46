using KdNotebooks.Analysis;
using KdNotebooks.Metrics;
using KdNotebooks.Results;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Analysis;

[Collection(TorchState.Name)]
public sealed class ClassChangeTests(TrainedRuns runs) : IClassFixture<TrainedRuns>
{
    private static readonly string[] Names = ["bag", "bag"];

    [Fact]
    public void Differences_are_paired_by_seed_and_classes_of_one_name_stay_apart()
    {
        var none = ConfusionMatrix.Of(Names, [0, 0, 1, 1], [0, 1, 1, 0]); // 50 % and 50 %
        var all = ConfusionMatrix.Of(Names, [0, 0, 1, 1], [0, 0, 1, 0]); // 100 % and 50 %

        var change = ClassChange.Of("mlp", "none", "test", [(1, all, none), (2, all, none)]);

        Assert.Equal([50, 0], change.Lines.Select(line => line.Difference!.Value));
        Assert.Equal([(1, 50.0), (2, 50.0)], change.Differences[0]);
        Assert.Equal((null, Finding.NoSpread), (change.Lines[0].Low, change.Lines[0].Finding));
        Assert.Equal(Finding.Same, change.Lines[1].Finding);
    }

    [Fact]
    public void Runs_of_both_methods_are_opened_and_counted()
    {
        var change = ClassChange.Of(runs.Result, "mlp-1");

        Assert.Equal(10, change.Lines.Count);
        Assert.Equal([1, 2], change.Differences[0].Select(pair => pair.Seed));
    }

    [Fact]
    public void A_seed_counts_for_a_class_where_both_are_numbers_and_an_absent_class_is_no_number()
    {
        const double None = double.NaN;

        var change = ClassChange.Of("mlp", "none", "test", ["road", "sky", "bus"], "IoU of the class",
        [
            (1, [60, None, 20], [50, None, 10]),
            (2, [70, None, 0], [60, None, None]),
        ]);

        Assert.Equal([10, None, 10], change.Lines.Select(line => line.Difference!.Value));
        Assert.Equal((2, 1), (change.Lines[0].Pairs, change.Lines[2].Pairs));
        Assert.Equal(
            [Finding.NoSpread, Finding.NotFinite, Finding.OneSeed], change.Lines.Select(line => line.Finding));
        Assert.Equal("one seed: no interval; 1 of 2 seeds paired", change.Lines[2].Remark("none"));
        Assert.Contains("mlp IoU", change.ToString());
    }

    // The classes are the family: with a hundred of them, five would be claimed to gain or lose by chance.
    [Fact]
    public void What_is_claimed_of_a_class_holds_for_all_classes_at_once()
    {
        var change = ClassChange.Of("mlp", "none", "test", ["road", "sky", "bus"], "IoU of the class",
        [
            (1, [53, 50, 60], [50, 50, 50]), (2, [52, 51, 61], [50, 50, 50]), (3, [54, 48, 60], [50, 50, 50]),
        ]);

        Assert.Equal([3, 3, 3], change.Lines.Select(line => line.Family));
        Assert.True(change.Lines[0].Low > 0 && change.Lines[0].SimultaneousLow < 0);
        Assert.Equal(
            [Finding.NotShown, Finding.NotShown, Finding.Higher], change.Lines.Select(line => line.Finding));
        Assert.EndsWith(
            "all 3 classes hold together with 95 % (Bonferroni); higher and lower go by these.", $"{change}");
    }

    [Fact]
    public void A_method_that_was_not_run_is_named_with_the_nearest() => Assert.Contains(
        "the nearest is 'mlp-1'", Assert.Throws<KdException>(() => ClassChange.Of(runs.Result, "mlp-2")).Message);

    [Fact]
    public void The_baseline_cannot_be_compared_with_itself() =>
        Assert.Throws<KdException>(() => ClassChange.Of(runs.Result, "none"));
}
