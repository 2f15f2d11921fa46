using MathNet.Numerics.Statistics;

namespace KdNotebooks.Results;

/// <summary>Compares a method with the baseline seed by seed.</summary>
internal static class PairedComparison
{
    /// <summary>
    /// Whether a method counts in the family: with one seed in common it cannot be claimed to differ.
    /// </summary>
    public static bool Counts(IReadOnlyDictionary<int, double> own, IReadOnlyDictionary<int, double> reference) =>
        own.Keys.Count(reference.ContainsKey) > 1;

    /// <param name="own">The method's values by seed.</param>
    /// <param name="reference">The baseline's; null for the baseline itself, and where it has none.</param>
    /// <param name="family">How many are compared with the baseline.</param>
    public static ResultSummary Of(
        string method, IReadOnlyDictionary<int, double> own, IReadOnlyDictionary<int, double>? reference, int family)
    {
        var summary = new ResultSummary(
            method, own.Count, own.Values.Mean(), own.Values.StandardDeviation(), null, null, null);
        if (reference is null)
        {
            return summary;
        }

        var seeds = own.Keys.Where(reference.ContainsKey).ToList();
        summary = summary with { Family = family };
        return seeds.Count == 0 ? summary with { Finding = Finding.NotPaired } : Compared(
            summary, [.. seeds.Select(seed => own[seed] - reference[seed])],
            seeds.Max(seed => Math.Max(Math.Abs(own[seed]), Math.Abs(reference[seed]))));
    }

    private static ResultSummary Compared(ResultSummary summary, double[] differences, double largest)
    {
        var mean = differences.Mean();
        summary = summary with { Difference = mean, Pairs = differences.Length };
        // A method that failed at a seed that the baseline lacks has failed all the same.
        if (!double.IsFinite(mean) || !double.IsFinite(summary.Mean))
        {
            return summary with { Finding = Finding.NotFinite };
        }

        if (Array.TrueForAll(differences, difference => difference == 0))
        {
            return summary with { Finding = Finding.Same };
        }

        if (differences.Length == 1)
        {
            return summary with { Finding = Finding.OneSeed };
        }

        return StudentInterval.Half(differences, largest) is { } alone
            && StudentInterval.Half(differences, largest, summary.Family) is { } together
            ? WithIntervals(summary, mean, alone, together)
            : summary with { Finding = Finding.NoSpread };
    }

    private static ResultSummary WithIntervals(ResultSummary summary, double mean, double alone, double together) =>
        summary with
        {
            Low = mean - alone,
            High = mean + alone,
            SimultaneousLow = mean - together,
            SimultaneousHigh = mean + together,
            Finding = mean - together > 0 ? Finding.Higher
                : mean + together < 0 ? Finding.Lower
                : Finding.NotShown,
        };
}
