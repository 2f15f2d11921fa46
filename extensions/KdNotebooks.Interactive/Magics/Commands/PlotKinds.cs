using KdNotebooks.Analysis;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Runs;

namespace KdNotebooks.Interactive.Magics.Commands;

/// <summary>What there is to draw from, and which run of it.</summary>
/// <param name="Value">A result, a report, an opened run.</param>
/// <param name="Images">Of the test images, from 0: as many as the line names.</param>
/// <param name="Choose">One run of a result, as the line says.</param>
/// <param name="Wrong">The error that the value is not what is wanted.</param>
internal sealed record PlotSource(
    object Value, IReadOnlyList<int> Images, Func<ExperimentResult, RunResult> Choose, Func<string, Exception> Wrong)
{
    public ExperimentResult Result => Value as ExperimentResult ?? throw Wrong("a result");

    public AlphaReport Report => Value as AlphaReport ?? throw Wrong("a report that kd-alpha gives");

    public TrainedRun Run => Value switch
    {
        TrainedRun run => run,
        RunResult run => TrainedRun.Open(run),
        ExperimentResult result => TrainedRun.Open(Choose(result)),
        _ => throw Wrong("a result, or a run"),
    };

    /// <summary>The one image that maps are shown of.</summary>
    public int Image => Images.Count == 0 ? 0 : Images.Count == 1 ? Images[0] : throw Wrong("one image at a time");

    /// <summary>The chosen run; beside the baseline's of the same seed, where the result has one.</summary>
    public object Predictions()
    {
        var run = Run;
        var prediction = run.Predict();
        return Baseline(run) is { } baseline ? new PredictionPair(baseline.Predict(images: prediction.Images), prediction) : prediction;
    }

    /// <summary>Images with their truth, the baseline's predictions where the result has one, the chosen run's.</summary>
    public PredictionTable Scenes()
    {
        var run = Run;
        IReadOnlyList<TrainedRun> runs = Baseline(run) is { } baseline ? [baseline, run] : [run];
        return PredictionTable.Of(runs, Images.Count > 0 ? Images : [0, 1, 2]);
    }

    private TrainedRun? Baseline(TrainedRun run) =>
        (Value as ExperimentResult)?.Runs.FirstOrDefault(other =>
            other.Recipe.Seed == run.Recipe.Seed && other.Recipe.Method != run.Recipe.Method) is { } baseline
                ? TrainedRun.Open(baseline)
                : null;
}

/// <summary>Everything that can be drawn, by its word. Whoever adds a figure adds its line here.</summary>
internal static class PlotKinds
{
    private static readonly (string Name, Func<PlotSource, object> Draw)[] All =
    [
        ("curves", from => LearningCurvesChart.Draw(from.Result.Curves)),
        ("difference", from => DifferenceChart.Draw(from.Result.Table)),
        ("ablation", from => AblationChart.Draw(from.Result.Table)),
        ("comparison", from => ComparisonChart.Draw(from.Result)),
        ("classes", from => ClassChangeChart.Draw(ClassChange.Of(from.Result, from.Choose(from.Result).Recipe.Method))),
        ("precision", from => ScoreCurvesChart.Draw(ScoreCurves.Of(from.Result))),
        ("alpha", from => AlphaChart.Draw(from.Report)),
        ("confusion", from => ConfusionChart.Draw(from.Run.Confusion(), from.Run.Name)),
        ("correlation", from => CorrelationChart.Draw(from.Run.Correlation())),
        ("cka", from => CkaChart.Draw(from.Run.Cka())),
        ("maps", from => from.Run.Maps(from.Image)),
        ("predictions", from => from.Predictions()),
        ("scenes", from => from.Scenes()),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. All.Select(kind => kind.Name)];

    /// <summary>Null where there is no such kind.</summary>
    public static Func<PlotSource, object>? Find(string name) =>
        All.FirstOrDefault(kind => kind.Name == name).Draw;
}
