using System.Text.Json.Nodes;
using KdNotebooks.Aligners;
using KdNotebooks.Analysis;
using KdNotebooks.Distillation;
using KdNotebooks.Native;
using KdNotebooks.Results;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Runs;

/// <summary>One run id is one machine's numbers: threads and processor are part of it.</summary>
[Collection(TorchState.Name)]
public sealed class MachineRunTests : IDisposable
{
    private readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    [Fact]
    public void With_another_number_of_threads_a_recipe_is_another_run_that_says_so()
    {
        var (none, mlp) = (Trials.Alone(), Trials.Distilled("mlp-1", new ChannelMlp()));
        var one = At(1, () => Trials.Run(root.File("one"), none, mlp));
        var again = At(1, () => Trials.Run(root.File("again"), none, mlp));
        var two = At(2, () => Trials.Run(root.File("two"), none, mlp));

        Assert.Equal(one.Runs.Select(Name), again.Runs.Select(Name));
        Assert.Equal(one.Runs.Select(Bytes), again.Runs.Select(Bytes));
        Assert.Empty(one.Runs.Select(Name).Intersect(two.Runs.Select(Name)));
        Assert.Equal([1, 1, 2, 2], one.Runs.Concat(two.Runs).Select(run => (int)Manifest(run)["threads"]!));
        Assert.All(one.Runs, run => Assert.Equal($"{run.Rows[0].Machine}", (string?)Manifest(run)["machine"]));
        Assert.All(
            ["processor", "instructions", "interopThreads"],
            field => Assert.NotEqual("", Manifest(one.Runs[0])[field]!.ToString()));

        var mixed = new ResultTable(
            one.Runs[0].Rows.Concat(two.Runs[1].Rows), "none");
        Assert.Equal("", one.Table.MachineNote);
        Assert.Contains("none (seed 1) with 1 thread of ", mixed.MachineNote);
        Assert.Contains("mlp-1 (seed 1) with 2 threads of ", mixed.MachineNote);
    }

    [Fact]
    public void Runs_that_are_opened_together_are_named_and_a_manifest_of_before_is_read()
    {
        var none = At(1, () => Trials.Run(root.File("one"), Trials.Alone())).Runs[0];
        var mlp = At(2, () => Trials.Run(root.File("two"), Trials.Distilled("mlp-1", new ChannelMlp()))).Runs[0];
        var mixed = new ExperimentResult([none, mlp], null, TimeSpan.Zero);

        var change = ClassChange.Of(mixed, "mlp-1");
        var predictions = PredictionTable.Of([TrainedRun.Open(none), TrainedRun.Open(mlp)], [0, 3]);

        Assert.All([change.MachineNote, $"{change}", $"{predictions}"], text =>
            Assert.Contains("mlp-1 (seed 1) with 2 threads of ", text));
        var path = Path.Combine(none.Folder, "manifest.json");
        var old = Manifest(none);
        old.Remove("machine");
        File.WriteAllText(path, $"{old}");
        Assert.Null(TrainedRun.Open(none).Machine);
        Assert.Contains("none (seed 1) with an unknown one", ClassChange.Of(mixed, "mlp-1").MachineNote);
    }

    [Fact]
    public void Machine_is_part_of_the_hash_and_of_a_cache_s_key()
    {
        var machine = new Machine("cpu", 3, "P", "avx2");
        var identity = new RunIdentity(Trials.Alone(), "d", "t", null, machine);
        Assert.Distinct(
        [
            identity.Hash,
            (identity with { Machine = machine with { Threads = 4 } }).Hash,
            (identity with { Machine = machine with { Processor = "Q" } }).Hash,
            (identity with { Machine = machine with { Instructions = "avx512f" } }).Hash,
            (identity with { Machine = machine with { Device = "cuda" } }).Hash,
        ]);
        Assert.Equal(identity.Hash, (identity with { Machine = new Machine("cpu", 3, "P", "avx2") }).Hash);
        Assert.NotEqual(At(1, () => FeatureKey.MakerOn(torch.CPU)), At(2, () => FeatureKey.MakerOn(torch.CPU)));
    }

    // The number belongs to the calling thread, which gives it back.
    private static T At<T>(int threads, Func<T> work)
    {
        var before = torch.get_num_threads();
        torch.set_num_threads(threads);
        try
        {
            return work();
        }
        finally
        {
            torch.set_num_threads(before);
        }
    }

    private static string Name(RunResult run) => Path.GetFileName(run.Folder);

    private static string Bytes(RunResult run) => Sha256.OfFile(Path.Combine(run.Folder, "last.safetensors"));

    private static JsonObject Manifest(RunResult run) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(run.Folder, "manifest.json")))!.AsObject();
}
