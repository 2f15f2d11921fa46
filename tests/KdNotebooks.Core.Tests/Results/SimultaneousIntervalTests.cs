using KdNotebooks.Results;
using KdNotebooks.Runtime;
using MathNet.Numerics.Distributions;

namespace KdNotebooks.Tests.Results;

/// <summary>
/// Of many tables whose truth is known: how often anything is claimed, and whether the intervals hold.
/// </summary>
public sealed class SimultaneousIntervalTests
{
    private const int Tables = 2500;

    // Three standard errors of a share of 5 % among so many tables.
    private static readonly double Error = 3 * Math.Sqrt(0.05 * 0.95 / Tables);

    // Methods of noise, whose differences depend on one another through the baseline; of other deviations, too.
    [Theory]
    [InlineData(11, 5, false)]
    [InlineData(11, 5, true)]
    [InlineData(11, 2, false)]
    [InlineData(3, 3, true)]
    public void Of_tables_of_pure_noise_at_most_one_in_twenty_claims_anything(int methods, int seeds, bool unequal)
    {
        var random = new Random(methods + seeds);
        var (claimed, alone) = (0, 0);
        for (var i = 0; i < Tables; i++)
        {
            var lines = Noise(random, methods, seeds, unequal, effect: 0).Summarise();
            claimed += lines.Any(line => line.ExcludesZero) ? 1 : 0;
            alone += lines.Any(line => line.Low > 0 || line.High < 0) ? 1 : 0;
        }

        Assert.InRange(claimed / (double)Tables, 0.01, 0.05 + Error);
        Assert.True(alone > 2 * claimed, $"alone {alone}, simultaneous {claimed} of {Tables}");
    }

    [Fact]
    public void Methods_with_other_numbers_of_seeds_hold_together_too()
    {
        var random = new Random(3);
        var claimed = 0;
        for (var i = 0; i < Tables; i++)
        {
            var full = Noise(random, 8, 6, unequal: true, effect: 0);
            // Of method k seeds are lacking: two to six remain.
            var rows = full.Rows.Where(row =>
                row.Method == "none" || row.Seed <= 2 + (int.Parse(row.Method[1..], null) % 5));
            claimed += new ResultTable(rows, "none").Summarise().Any(line => line.ExcludesZero) ? 1 : 0;
        }

        Assert.InRange(claimed / (double)Tables, 0.01, 0.05 + Error);
    }

    [Fact]
    public void All_intervals_of_a_table_hold_the_truth_at_once_and_a_clear_effect_is_still_claimed()
    {
        const double Effect = 8; // in deviations of one run; a difference deviates by the root of two of them
        var random = new Random(5);
        var (hold, found, wrong) = (0, 0, 0);
        for (var i = 0; i < Tables; i++)
        {
            var lines = Noise(random, 11, 5, unequal: false, Effect).Summarise().Skip(1).ToList();
            hold += lines.Select((line, k) => (line, Truth: k == 0 ? Effect : 0)).All(pair =>
                pair.line.SimultaneousLow <= pair.Truth && pair.Truth <= pair.line.SimultaneousHigh) ? 1 : 0;
            found += lines[0].Finding == Finding.Higher ? 1 : 0;
            wrong += lines[0].Finding == Finding.Lower ? 1 : 0;
        }

        Assert.InRange(hold / (double)Tables, 0.95 - Error, 1);
        Assert.True(found > 0.9 * Tables, $"found in {found} of {Tables}");
        Assert.Equal(0, wrong);
    }

    [Fact]
    public void A_claim_is_made_where_the_interval_that_is_shown_excludes_zero_and_nowhere_else()
    {
        var random = new Random(7);
        var claims = 0;
        for (var i = 0; i < 300; i++)
        {
            foreach (var line in Noise(random, 4, 3, unequal: true, effect: 15).Summarise().Skip(1))
            {
                var excludes = line.SimultaneousLow > 0 || line.SimultaneousHigh < 0;
                Assert.Equal(excludes, line.ExcludesZero);
                Assert.Equal(excludes, line.Remark("none") is "higher" or "lower");
                Assert.True(line.SimultaneousLow < line.Low && line.High < line.SimultaneousHigh);
                claims += excludes ? 1 : 0;
            }
        }

        Assert.InRange(claims, 100, 600);
    }

    // Two-sided quantiles of Student's t at 1 - 0.05 / family, from the density integrated by hand or a printed table.
    [Theory]
    [InlineData(1, 1, 12.706205)]
    [InlineData(4, 1, 2.776445)]
    [InlineData(2, 2, 6.205347)]
    [InlineData(4, 5, 4.604095)] // 99 %
    [InlineData(1, 5, 63.656741)] // 99 %
    [InlineData(1, 50, 636.619249)] // 99.9 %
    [InlineData(1, 200, 2546.47896)] // 1 / tan(pi * 0.025 / 200): beyond where MathNet looks
    public void The_quantile_is_student_s(int freedom, int family, double quantile) =>
        Assert.Equal(quantile, StudentInterval.Quantile(freedom, family), 4 + (quantile > 1000 ? -2 : 0));

    // 0.1 + 0.7 and 0.8 differ in the last place; so do accuracies that were kept in single precision.
    [Theory]
    [InlineData(1.0, 1.0)]
    [InlineData(1.0, 1.0 + 1e-13)]
    [InlineData(0.1 + 0.7, 0.8, 0.8)]
    [InlineData(-2.0, -2.000004)]
    public void Differences_that_differ_by_rounding_only_bear_no_claim(params double[] differences)
    {
        var line = ResultTableTests.Table(
            ("none", [.. differences.Select((_, i) => 80.0 + i)]),
            ("m", [.. differences.Select((d, i) => 80.0 + i + d)])).Summarise()[1];

        Assert.Equal((Finding.NoSpread, null, null), (line.Finding, line.Low, line.SimultaneousLow));
        Assert.False(line.ExcludesZero);
        Assert.Equal("no spread between seeds: no interval", line.Remark("none"));
    }

    [Fact]
    public void A_small_loss_has_a_spread_of_its_own_size()
    {
        ResultRow[] rows =
        [
            new("none", 1, "loss", 1e-5, "test"), new("none", 2, "loss", 2e-5, "test"),
            new("m", 1, "loss", 0.9e-5, "test"), new("m", 2, "loss", 1.7e-5, "test"),
        ];

        Assert.NotNull(new ResultTable(rows, "none").Summarise("loss")[1].Low);
    }

    [Fact]
    public void Who_gives_the_baseline_s_values_is_called_the_same_and_who_failed_elsewhere_is_not_claimed()
    {
        ResultRow[] rows =
        [
            .. Values("none", 80, 82, 87), .. Values("same", 80, 82, 87), .. Values("far", 90, 92.1, 97),
            new("far", 9, "accuracy", double.NaN, "test"),
        ];
        var lines = new ResultTable(rows, "none").Summarise();

        Assert.Equal([Finding.NotCompared, Finding.Same, Finding.NotFinite], lines.Select(line => line.Finding));
        Assert.Equal("same values as none: no interval", lines[1].Remark("none"));
        Assert.Equal("a value is not a finite number: no interval; 3 of 4 seeds paired", lines[2].Remark("none"));
    }

    // A method with one seed cannot be claimed to differ: it makes the others' intervals no wider.
    [Fact]
    public void The_family_is_who_shares_two_seeds_with_the_baseline()
    {
        ResultRow[] rows =
        [
            .. Values("none", 80, 82, 87), .. Values("a", 81, 85, 88), .. Values("b", 80, 82, 87), .. Values("c", 83),
        ];

        Assert.Equal([0, 2, 2, 2], new ResultTable(rows, "none").Summarise().Select(line => line.Family));
    }

    [Fact]
    public void A_choice_of_methods_keeps_the_intervals_of_all_that_were_compared()
    {
        var table = Noise(new Random(1), 11, 4, unequal: false, effect: 3);

        var some = table.Among(["m3", "m1"]);

        Assert.Equal(["none", "m3", "m1"], some.Methods);
        Assert.Equal(table.Summarise()[1], some.Summarise()[2]);
        Assert.Equal(11, some.On("test").Summarise()[1].Family);
        Assert.Equal(
            "among: 'm12' was not measured; the nearest is 'm1'. Measured: none, m3, m1.",
            Assert.Throws<KdException>(() => some.Among(["m12"])).Message);
    }

    private static ResultTable Noise(Random random, int methods, int seeds, bool unequal, double effect)
    {
        var noise = new Normal(0, 1, random);
        var rows = new List<ResultRow>();
        for (var seed = 1; seed <= seeds; seed++)
        {
            var shared = 80 + (3 * noise.Sample()); // what the seed contributes to all
            rows.Add(new("none", seed, "accuracy", shared + noise.Sample(), "test"));
            rows.AddRange(Enumerable.Range(1, methods).Select(k => new ResultRow(
                $"m{k}", seed, "accuracy",
                shared + (k == 1 ? effect : 0) + (noise.Sample() * (unequal && k % 3 == 0 ? 8 : 1)), "test")));
        }

        return new ResultTable(rows, "none");
    }

    private static IEnumerable<ResultRow> Values(string method, params double[] values) =>
        values.Select((value, i) => new ResultRow(method, i + 1, "accuracy", value, "test"));
}
