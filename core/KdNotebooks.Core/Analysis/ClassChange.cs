using KdNotebooks.Metrics;
using KdNotebooks.Results;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;

namespace KdNotebooks.Analysis;

/// <summary>What a method changed for each class against the baseline, paired over seeds.</summary>
/// <param name="Split">"test", "validation" or "train".</param>
/// <param name="ClassNames">In the dataset's order.</param>
/// <param name="Lines">
/// For each class the mean paired difference in <paramref name="Measured"/>, in percentage points, with its 95 %
/// interval, and the one that holds together with those of all classes: the family is the classes. Not a number,
/// without an interval, for a class that is absent.
/// </param>
/// <param name="Differences">For each class and seed the difference, in percentage points.</param>
/// <param name="Measured">What of each class, as <see cref="Tasks.ITask.ClassMeasure"/> says.</param>
public sealed record ClassChange(
    string Method, string Baseline, string Split, IReadOnlyList<string> ClassNames,
    IReadOnlyList<ResultSummary> Lines, IReadOnlyList<IReadOnlyList<(int Seed, double Difference)>> Differences,
    string Measured = ClassChange.Images)
{
    /// <summary>Of a confusion matrix: the share of a class's images whose class is right.</summary>
    public const string Images = "images of the class recognized";

    /// <summary>As <see cref="ResultTable.MachineNote"/>, of the runs that were counted.</summary>
    public string MachineNote { get; init; } = "";

    private const string OfTheClass = " of the class";

    /// <summary>Opens the runs of both methods and counts.</summary>
    /// <param name="split">
    /// "test", "validation" or "train"; null is "test", or "validation" where the test labels are not published.
    /// </param>
    /// <exception cref="KdException">A method was not run, or the two share no seed.</exception>
    public static ClassChange Of(
        ExperimentResult result, string method, string? baseline = null, string? split = null)
    {
        baseline ??= result.Runs[0].Recipe.Method;
        var pairs = result.Runs.Where(run => run.Recipe.Method == result.Known(method, nameof(ClassChange)))
            .Join(result.Runs.Where(run => run.Recipe.Method == result.Known(baseline, nameof(ClassChange))),
                run => run.Recipe.Seed, run => run.Recipe.Seed, (own, other) => (Own: own, Other: other)).ToList();
        if (pairs.Count == 0 || method == baseline)
        {
            throw new KdException(
                $"ClassChange: '{method}' cannot be compared with '{baseline}'; expected two methods that "
                + "share a seed.");
        }

        var tasks = new TaskPool();
        var opened = pairs.Select(pair => (pair.Own.Recipe.Seed, Own: TrainedRun.Open(pair.Own.Folder, tasks),
            Other: TrainedRun.Open(pair.Other.Folder, tasks))).ToList();
        split = opened[0].Own.Usual(split);
        var task = opened[0].Own.Task;
        return Of(method, baseline, split, task.Data.ClassNames, task.ClassMeasure, [.. opened.Select(pair =>
            (pair.Seed, pair.Own.Measure(split).Classes, pair.Other.Measure(split).Classes))]) with
        {
            MachineNote = TrainedRun.MachineNote(opened.SelectMany(pair => new[] { pair.Own, pair.Other })),
        };
    }

    /// <param name="seeds">For each seed what the method and what the baseline recognized.</param>
    public static ClassChange Of(
        string method, string baseline, string split,
        IReadOnlyList<(int Seed, ConfusionMatrix Method, ConfusionMatrix Baseline)> seeds)
    {
        return Of(method, baseline, split, seeds[0].Method.ClassNames, Images,
            [.. seeds.Select(seed => (seed.Seed, Shares(seed.Method), Shares(seed.Baseline)))]);

        static IReadOnlyList<double> Shares(ConfusionMatrix counts) =>
            [.. Enumerable.Range(0, counts.ClassNames.Count).Select(counts.ClassAccuracy)];
    }

    /// <param name="measured">What of each class, as <see cref="Tasks.ITask.ClassMeasure"/> says.</param>
    /// <param name="seeds">
    /// For each seed and class what the method and what the baseline reach, in percent; NaN for a class that is absent.
    /// A seed counts for a class where both are numbers.
    /// </param>
    public static ClassChange Of(
        string method, string baseline, string split, IReadOnlyList<string> classNames, string measured,
        IReadOnlyList<(int Seed, IReadOnlyList<double> Method, IReadOnlyList<double> Baseline)> seeds)
    {
        var each = Enumerable.Range(0, classNames.Count).ToList();
        var classes = each.Select(k => Present(
            [.. seeds.Select(seed => (seed.Seed, Method: seed.Method[k], Baseline: seed.Baseline[k]))])).ToList();
        var family = classes.Count(pair => PairedComparison.Counts(pair.Method, pair.Baseline));
        return new ClassChange(
            method, baseline, split, classNames,
            [.. classes.Select(pair => PairedComparison.Of(method, pair.Method, pair.Baseline, family) with
            {
                Runs = seeds.Count,
            })],
            [.. each.Select(k => seeds.Select(seed => (seed.Seed, seed.Method[k] - seed.Baseline[k])).ToList())],
            measured);
    }

    public override string ToString()
    {
        string[] head = ["class", Head, "difference", "95 % interval", "simultaneous", ""];
        var rows = ClassNames.Select((name, k) => (string[])
        [
            name, ResultTable.Number(Lines[k].Mean), ResultTable.Signed(Lines[k].Difference),
            ResultTable.Interval(Lines[k]), ResultTable.Simultaneous(Lines[k]), Lines[k].Remark(Baseline),
        ]);
        var legend = StudentInterval.Legend(Lines.Max(line => line.Family), "class", "classes");
        return string.Join('\n', TextColumns.Align([head, .. rows], column => column is > 0 and < 5)
            .Concat(new[] { legend, MachineNote }.Where(note => note.Length > 0)));
    }

    // "mlp-1 IoU" where "IoU of the class" is measured.
    private string Head => Measured.EndsWith(OfTheClass, StringComparison.Ordinal)
        ? $"{Method} {Measured[..^OfTheClass.Length]}"
        : Method;

    // The seeds at which both are numbers; of a class that is absent everywhere all, for its difference is not a
    // number.
    private static (Dictionary<int, double> Method, Dictionary<int, double> Baseline) Present(
        List<(int Seed, double Method, double Baseline)> seeds)
    {
        var present = seeds.Where(seed => double.IsFinite(seed.Method - seed.Baseline)).ToList();
        var shown = present.Count > 0 ? present : seeds;
        return (shown.ToDictionary(seed => seed.Seed, seed => seed.Method),
            shown.ToDictionary(seed => seed.Seed, seed => seed.Baseline));
    }
}
