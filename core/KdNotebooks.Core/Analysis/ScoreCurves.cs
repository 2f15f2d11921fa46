using KdNotebooks.Results;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;

namespace KdNotebooks.Analysis;

/// <summary>
/// The curves that a task draws of each method, such as precision over recall: the mean over its seeds, and from the lowest
/// to the highest seed.
/// </summary>
/// <param name="Split">"test", "validation" or "train".</param>
/// <param name="Panels">One a curve that the task draws.</param>
public sealed record ScoreCurves(string Split, IReadOnlyList<ScoreCurvePanel> Panels)
{
    /// <summary>As <see cref="ResultTable.MachineNote"/>, of the runs that were measured.</summary>
    public string MachineNote { get; init; } = "";

    /// <summary>Opens all runs and measures them again, in one pass over the images.</summary>
    /// <param name="split">
    /// "test", "validation" or "train"; null is "test", or "validation" where the test labels are not published.
    /// </param>
    /// <param name="methods">Which of the methods, in this order; null (the default) for all.</param>
    /// <param name="context">Null for the current one.</param>
    /// <exception cref="KdException">The task draws no curve, or a method was not run.</exception>
    public static ScoreCurves Of(
        ExperimentResult result, string? split = null, IReadOnlyList<string>? methods = null, RunContext? context = null)
    {
        var tasks = new TaskPool();
        var opened = Chosen(result, methods).Select(run => TrainedRun.Open(run.Folder, tasks)).ToList();
        split = opened[0].Usual(split);
        var scores = TrainedRun.Measure(opened, split, context);
        if (scores[0].Curves.Count == 0)
        {
            throw new KdException(
                $"ScoreCurves: {opened[0].Task.GetType().Name} draws no curve of one measure over another; a task of "
                + "detection or instance segmentation does, of precision over recall.");
        }

        var methodsOf = opened.Zip(scores, (run, score) => (run.Recipe.Method, score.Curves))
            .GroupBy(run => run.Method, run => run.Curves).ToList();
        return new ScoreCurves(split, [.. scores[0].Curves.Select((shape, i) => new ScoreCurvePanel(
            shape.Name, shape.XName, shape.YName, shape.X,
            [.. methodsOf.Select(method => ScoreCurveLine.Of(method.Key, [.. method.Select(run => run[i].Y)]))]))])
        {
            MachineNote = TrainedRun.MachineNote(opened),
        };
    }

    /// <summary>For each panel the mean of every method at some places.</summary>
    public override string ToString() => string.Join(
        "\n\n",
        Panels.Select(panel => panel.ToString()).Concat(new[] { MachineNote }.Where(note => note.Length > 0)));

    private static IEnumerable<RunResult> Chosen(ExperimentResult result, IReadOnlyList<string>? methods) =>
        (methods ?? result.Methods).Select(method => result.Known(method, nameof(ScoreCurves)))
            .SelectMany(method => result.Runs.Where(run => run.Recipe.Method == method));
}

/// <summary>One curve of every method.</summary>
/// <param name="Name">"IoU 0.50".</param>
/// <param name="XName">What the horizontal axis measures.</param>
/// <param name="YName">What the vertical axis measures.</param>
/// <param name="X">Rising.</param>
/// <param name="Lines">One a method, in their order.</param>
public sealed record ScoreCurvePanel(
    string Name, string XName, string YName, IReadOnlyList<double> X, IReadOnlyList<ScoreCurveLine> Lines)
{
    private const int Columns = 5;

    /// <summary>The mean of every method at five places from the first to the last.</summary>
    public override string ToString()
    {
        var places = Enumerable.Range(0, Columns).Select(i => i * (X.Count - 1) / (Columns - 1)).ToList();
        string[] head = [$"{Name}: {YName} at {XName}", .. places.Select(place => ResultTable.Number(X[place]))];
        var rows = Lines.Select(line => (string[])
            [line.Method, .. places.Select(place => ResultTable.Number(line.Mean[place]))]);
        return string.Join('\n', TextColumns.Align([head, .. rows], column => column > 0));
    }
}

/// <summary>A method's curve over its seeds.</summary>
/// <param name="Seeds">How many.</param>
/// <param name="Mean">At each place of the panel; NaN where a seed has no number.</param>
/// <param name="Low">Of the lowest seed there.</param>
/// <param name="High">Of the highest seed there.</param>
public sealed record ScoreCurveLine(
    string Method, int Seeds, IReadOnlyList<double> Mean, IReadOnlyList<double> Low, IReadOnlyList<double> High)
{
    internal static ScoreCurveLine Of(string method, IReadOnlyList<IReadOnlyList<double>> seeds)
    {
        return new(method, seeds.Count, Each(Enumerable.Average), Each(Enumerable.Min), Each(Enumerable.Max));

        double[] Each(Func<IEnumerable<double>, double> summary) =>
            [.. Enumerable.Range(0, seeds[0].Count).Select(place => summary(seeds.Select(seed => seed[place])))];
    }
}
