using KdNotebooks.Analysis;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Analysis;

/// <summary>Some runs of segmentation, trained once for all tests of a class.</summary>
public sealed class SegmentationRuns : IDisposable
{
    private readonly TemporaryFolder root = new();

    public SegmentationRuns()
    {
        Scenes = new EasyScenes(root.File("easy"));
        Result = Experiment.Run(
            [Scenes.Alone(1), Scenes.Alone(2), Scenes.Distilled(1), Scenes.Distilled(2)],
            RunContext.Default with { Output = root.Path });
    }

    public ExperimentResult Result { get; }

    internal EasyScenes Scenes { get; }

    public TrainedRun Open(string method, int seed = 1) => TrainedRun.Open(
        Result.Runs.Single(run => run.Recipe.Method == method && run.Recipe.Seed == seed));

    /// <summary>A run on a copy of the scenes without the split "test", as Cityscapes has none with labels.</summary>
    public TrainedRun WithoutTest()
    {
        var folder = root.File("easy/fewer");
        EasyScenes.Write(folder, "train", "val");
        var recipe = Scenes.Distilled() with { Data = Scenes.Data with { Folder = folder } };
        return TrainedRun.Open(Experiment.Run(
            [recipe], RunContext.Default with { Output = root.File("fewer") }).Runs[0]);
    }

    internal string Temporary(string name) => root.File(name);

    public void Dispose() => root.Dispose();
}
