using KdNotebooks.Invariants;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Invariants;

public sealed class InvariantReportTests
{
    private static readonly ClaimResult Held = new(Claim.Finite, Verdict.Held, 100, "", []);

    private static readonly ClaimResult Broken = new(
        Claim.PositiveScale, Verdict.Broken, 7, "the loss is 1; with the student's map times 2 it is 4",
        [new SmallTensor("student", [1, 1, 1, 1], [1]), new SmallTensor("factor", [], [2])]);

    private static readonly ClaimResult Untested =
        new(Claim.NonNegative, Verdict.NotTested, 3, "only 3 of 100 cases could be used", []);

    [Fact]
    public void A_line_for_each_claim_and_below_a_broken_one_what_breaks_it() => Assert.Equal(
        """
        mine: 1 of 3 claims held; 100 cases each, seed 5
          held        Finite
          not tested  NonNegative    only 3 of 100 cases could be used
          BROKEN      PositiveScale  the loss is 1; with the student's map times 2 it is 4
                      student [1, 1, 1, 1]
                        [0, 0, 0, :]  1
                      factor
                        2

        """,
        Report(Held, Untested, Broken).ToString());

    [Fact]
    public void All_held_means_that_each_was_tested_and_none_broke()
    {
        Assert.True(Report(Held).AllHeld);
        Assert.False(Report(Held, Untested).AllHeld);
        Assert.False(Report(Held, Broken).AllHeld);
        Assert.Equal([Broken], Report(Held, Untested, Broken).Broken);
    }

    [Fact]
    public void A_claim_is_found_by_its_name_and_one_that_was_not_asked_for_is_not()
    {
        Assert.Same(Broken, Report(Held, Broken)[Claim.PositiveScale]);
        var error = Assert.Throws<KdException>(() => Report(Held, Broken)[Claim.Similarity]);
        Assert.Equal("mine: Similarity is not in this report; it is about Finite, PositiveScale.", error.Message);
    }

    [Fact]
    public void What_is_required_passes_or_fails_with_the_report()
    {
        var report = Report(Held);
        Assert.Same(report, report.Require());
        var broken = Report(Held, Broken);
        Assert.Equal(broken.ToString(), Assert.Throws<KdException>(broken.Require).Message);
    }

    private static InvariantReport Report(params ClaimResult[] results) => new("mine", 100, 5, results);
}
