using KdNotebooks.Experiments;
using KdNotebooks.Metrics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Analysis;

/// <summary>What a method changed for each class against the baseline, paired over seeds.</summary>
/// <param name="Split">"test", "validation" or "train".</param>
/// <param name="ClassNames">In the dataset's order.</param>
/// <param name="Lines">
/// For each class the mean paired difference in the share of its images that were recognised, in percentage points,
/// with its 95 % interval.
/// </param>
/// <param name="Differences">For each class and seed the difference, in percentage points.</param>
public sealed record ClassChange(
    string Method, string Baseline, string Split, IReadOnlyList<string> ClassNames,
    IReadOnlyList<ResultSummary> Lines, IReadOnlyList<IReadOnlyList<(int Seed, double Difference)>> Differences)
{
    /// <summary>Opens the runs of both methods and counts.</summary>
    /// <exception cref="KdException">A method was not run, or the two share no seed.</exception>
    public static ClassChange Of(
        ExperimentResult result, string method, string? baseline = null, string split = "test")
    {
        baseline ??= result.Runs[0].Recipe.Method;
        var pairs = result.Runs.Where(run => run.Recipe.Method == Known(result, method))
            .Join(result.Runs.Where(run => run.Recipe.Method == Known(result, baseline)),
                run => run.Recipe.Seed, run => run.Recipe.Seed, (own, other) => (Own: own, Other: other)).ToList();
        if (pairs.Count == 0 || method == baseline)
        {
            throw new KdException(
                $"ClassChange: '{method}' cannot be compared with '{baseline}'; expected two methods that "
                + "share a seed.");
        }

        return Of(method, baseline, split, [.. pairs.Select(pair => (pair.Own.Recipe.Seed,
            Counts(pair.Own), Counts(pair.Other)))]);

        ConfusionMatrix Counts(RunResult run) => TrainedRun.Open(run).Predict(split).Confusion;
    }

    /// <param name="seeds">For each seed what the method and what the baseline recognised.</param>
    public static ClassChange Of(
        string method, string baseline, string split,
        IReadOnlyList<(int Seed, ConfusionMatrix Method, ConfusionMatrix Baseline)> seeds)
    {
        var classes = seeds[0].Method.ClassNames;
        var each = Enumerable.Range(0, classes.Count).ToList();
        // By its number: two classes may have one name.
        var table = new ResultTable(
            seeds.SelectMany(seed => each.SelectMany(k => new[]
            {
                new ResultRow(baseline, seed.Seed, $"{k}", seed.Baseline.ClassAccuracy(k), split),
                new ResultRow(method, seed.Seed, $"{k}", seed.Method.ClassAccuracy(k), split),
            })), baseline);
        return new ClassChange(
            method, baseline, split, classes,
            [.. each.Select(k => table.Summarise($"{k}", split).Single(line => line.Method == method))],
            [.. each.Select(k => seeds.Select(seed =>
                (seed.Seed, seed.Method.ClassAccuracy(k) - seed.Baseline.ClassAccuracy(k))).ToList())]);
    }

    public override string ToString()
    {
        string[] head = ["class", Method, "difference", "95 % interval"];
        var rows = ClassNames.Select((name, k) => (string[])
        [
            name, ResultTable.Number(Lines[k].Mean), ResultTable.Signed(Lines[k].Difference),
            ResultTable.Interval(Lines[k]),
        ]);
        return TextColumns.Of([head, .. rows]);
    }

    private static string Known(ExperimentResult result, string method)
    {
        var methods = result.Runs.Select(run => run.Recipe.Method).Distinct().ToList();
        return methods.Contains(method) ? method : throw new KdException(
            $"ClassChange: '{method}' was not run; the nearest is '{Nearest.Of(method, methods)}'. Run: "
            + $"{string.Join(", ", methods)}.");
    }
}
