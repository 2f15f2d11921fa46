using KdNotebooks.Recipes;
using KdNotebooks.Results;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Teachers;
using KdNotebooks.Training;

namespace KdNotebooks.Runs;

/// <summary>One run that is complete.</summary>
/// <param name="Folder">Its run folder.</param>
/// <param name="Rows">Its measured numbers: last and best epoch, validation and test.</param>
public sealed record RunResult(
    Recipe Recipe, string Folder, IReadOnlyList<EpochRecord> Epochs, IReadOnlyList<ResultRow> Rows)
{
    /// <summary>What was said of it before training, a sentence each; manifest.json has them too.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>
    /// The file of the student after its best epoch on the validation images: ready to use, as a teacher of others too.
    /// </summary>
    public string BestStudent => Path.Combine(Folder, RunFolder.Best);

    /// <summary>The headline metric on validation over the epochs.</summary>
    /// <param name="runs">All of one task.</param>
    public static LearningCurves Curves(IReadOnlyList<RunResult> runs) => new(
        (runs.SelectMany(run => run.Epochs).FirstOrDefault()?.Validation.Headline.Kind
            ?? MetricKind.Named(MetricKind.Unsaid)).WithUnit,
        "validation",
        [.. runs.Select(run => new LearningCurve(
            run.Recipe.Method, run.Recipe.Seed, [.. run.Epochs.Select(epoch => epoch.Validation.Headline.Value)]))]);
}

/// <summary>What an experiment came to.</summary>
/// <param name="Teacher">What the teacher was measured to be worth; null where no recipe has one.</param>
/// <param name="Elapsed">Of the training, evaluation and teacher's passes together.</param>
public sealed record ExperimentResult(IReadOnlyList<RunResult> Runs, TeacherCheck? Teacher, TimeSpan Elapsed)
{
    /// <summary>All measured numbers; the first run's method is the baseline.</summary>
    public ResultTable Table => new(Runs.SelectMany(run => run.Rows), Runs[0].Recipe.Method);

    /// <summary>The headline metric on validation over the epochs.</summary>
    public LearningCurves Curves => RunResult.Curves(Runs);

    /// <summary>In the order in which they first come.</summary>
    internal IReadOnlyList<string> Methods => [.. Runs.Select(run => run.Recipe.Method).Distinct()];

    /// <summary>The method, which was run.</summary>
    /// <param name="asker">Who asks, for the error.</param>
    /// <exception cref="KdException">It was not; the nearest is named.</exception>
    internal string Known(string method, string asker) => Methods.Contains(method) ? method : throw new KdException(
        $"{asker}: '{method}' was not run; the nearest is '{Nearest.Of(method, Methods)}'. Run: "
        + $"{string.Join(", ", Methods)}.");
}
