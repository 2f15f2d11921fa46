using KdNotebooks.Aligners;
using KdNotebooks.Analysis;
using KdNotebooks.Losses;
using KdNotebooks.Runs;
using KdNotebooks.Tests.Runs;

namespace KdNotebooks.Tests.Analysis;

/// <summary>Some runs, trained once for all tests of a class.</summary>
public sealed class TrainedRuns : IDisposable
{
    private readonly TemporaryFolder root = new();

    public TrainedRuns() => Result = Trials.Run(
        root.Path,
        Trials.Alone(1), Trials.Alone(2),
        Trials.Distilled("mlp-1", new ChannelMlp(), 1), Trials.Distilled("mlp-1", new ChannelMlp(), 2),
        Trials.Distilled("kd", new ChannelMlp()) with { Connections = [], Logits = new(new KdLoss(), 1) },
        Trials.Reviewed("review"));

    public ExperimentResult Result { get; }

    public TrainedRun Open(string method, int seed = 1) => TrainedRun.Open(
        Result.Runs.Single(run => run.Recipe.Method == method && run.Recipe.Seed == seed));

    internal string Temporary(string name) => root.File(name);

    public void Dispose() => root.Dispose();
}
