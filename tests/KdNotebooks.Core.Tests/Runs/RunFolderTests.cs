using System.Text.Json;
using KdNotebooks.Distillation;
using KdNotebooks.Models;
using KdNotebooks.Results;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Tests.Distillation;
using KdNotebooks.Training;

namespace KdNotebooks.Tests.Runs;

[Collection(TorchState.Name)]
public sealed class RunFolderTests : IDisposable
{
    private readonly TemporaryFolder root = new();
    private readonly nn.Module<Tensor, Tensor> student = nn.Linear(1, 1);
    private readonly Distiller distiller;

    public RunFolderTests() => distiller = new Distiller(
        Network.Of(student), Tiny.Task, Guidance.None, TeacherMaps.None, 1, 1, 1);

    public void Dispose()
    {
        distiller.Dispose();
        student.Dispose();
        root.Dispose();
    }

    [Fact]
    public void A_run_is_partial_until_it_is_complete()
    {
        var folder = Start("first");
        folder.WriteManifest("{}");
        folder.EpochEnded(Epoch(1, 50), distiller);
        Assert.Equal(["run.partial"], root.Names);

        folder.Complete();

        Assert.Equal(["run"], root.Names);
        Assert.Equal(root.File("run"), folder.Path);
        Assert.Equal(
            ["aligners.safetensors", "best.safetensors", "last.safetensors", "manifest.json", "metrics.jsonl"],
            Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Best_is_the_first_of_the_highest_and_last_is_the_last()
    {
        var folder = Start("student");
        double[] accuracies = [40, 60, 60, 30];
        for (var i = 0; i < accuracies.Length; i++)
        {
            folder.EpochEnded(Epoch(i + 1, accuracies[i]), distiller);
        }

        folder.Complete();

        Assert.Equal(2, folder.BestEpoch.Epoch);
        Assert.Equal([1, 2, 3, 4], folder.Epochs.Select(epoch => epoch.Epoch));
        Assert.Equal("student 2", Read("best.safetensors"));
        Assert.Equal("student 4", Read("last.safetensors"));
    }

    [Fact]
    public void Every_line_of_the_metrics_is_json_even_where_a_loss_is_infinite()
    {
        var folder = Start("student");
        folder.EpochEnded(Epoch(1, 50), distiller);
        folder.EpochEnded(Epoch(2, 10) with { Validation = new Score(10, double.PositiveInfinity) }, distiller);
        folder.Note(new ResultRow("m", 1, "loss", double.NaN, "test"));
        folder.Complete();

        var text = Read("metrics.jsonl");
        var lines = text.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToList();

        Assert.Equal(3, lines.Count);
        Assert.Equal(1, lines[0].GetProperty("epoch").GetInt32());
        Assert.Equal(50, lines[0].GetProperty("validationAccuracy").GetDouble());
        Assert.Equal(0.1, lines[0].GetProperty("losses").GetProperty("total").GetDouble());
        Assert.Equal(JsonValueKind.Null, lines[1].GetProperty("validationLoss").ValueKind);
        Assert.Equal(JsonValueKind.Null, lines[2].GetProperty("value").ValueKind);
    }

    [Fact]
    public void A_run_that_fails_keeps_what_it_had_until_it_is_started_again()
    {
        var failed = Start("first");
        failed.EpochEnded(Epoch(1, 50), distiller);
        Assert.Equal(root.File("run.partial/last.safetensors"), failed.LastCheckpoint);
        Assert.Equal("first 1", File.ReadAllText(failed.LastCheckpoint!));

        var again = Start("second");

        Assert.Null(again.LastCheckpoint);
        Assert.Empty(Directory.GetFileSystemEntries(root.File("run.partial")));
    }

    [Fact]
    public void A_complete_run_stays_until_the_next_one_is_complete()
    {
        Run("first");

        var next = Start("second");
        next.EpochEnded(Epoch(1, 50), distiller);
        Assert.Equal("first 1", Read("last.safetensors"));
        next.Complete();

        Assert.Equal("second 1", Read("last.safetensors"));
        Assert.Equal(["run"], root.Names);
    }

    [Fact]
    public void Stopped_between_the_two_renames_the_old_result_comes_back_at_the_next_start()
    {
        Run("first");
        Start("second").EpochEnded(Epoch(1, 50), distiller);
        Directory.Move(root.File("run"), root.File("run.replaced"));

        var third = Start("third");

        Assert.Equal("first 1", Read("last.safetensors"));
        Assert.Equal(["run", "run.partial"], root.Names);
        third.EpochEnded(Epoch(1, 50), distiller);
        third.Complete();
        Assert.Equal("third 1", Read("last.safetensors"));
        Assert.Equal(["run"], root.Names);
    }

    [Fact]
    public void Stopped_after_the_two_renames_the_new_result_stays()
    {
        Run("second");
        Directory.CreateDirectory(root.File("run.replaced"));
        File.WriteAllText(root.File("run.replaced/last.safetensors"), "first 1");

        Start("third");

        Assert.Equal("second 1", Read("last.safetensors"));
        Assert.Equal(["run", "run.partial"], root.Names);
    }

    [Fact]
    public void A_student_that_cannot_be_written_leaves_the_earlier_ones()
    {
        var fail = false;
        var folder = new RunFolder(
            root.File(""), "run", (path, _) => Write(path, fail ? throw new KdException("full") : "good"));
        folder.EpochEnded(Epoch(1, 50), distiller);
        fail = true;

        Assert.Throws<KdException>(() => folder.EpochEnded(Epoch(2, 60), distiller));

        Assert.Equal("good", File.ReadAllText(folder.LastCheckpoint!));
        Assert.Equal("good", File.ReadAllText(folder.BestStudent));
    }

    private void Run(string name)
    {
        var folder = Start(name);
        folder.EpochEnded(Epoch(1, 50), distiller);
        folder.Complete();
    }

    private RunFolder Start(string name)
    {
        var saved = 0;
        return new RunFolder(root.File(""), "run", (path, _) => Write(path, $"{name} {++saved}"));
    }

    private static void Write(string path, string text) => File.WriteAllText(path, text);

    private string Read(string name) => File.ReadAllText(Path.Combine(root.File("run"), name));

    private static EpochRecord Epoch(int number, double accuracy) =>
        new(number, number * 10, 0.1, new Dictionary<string, double> { ["total"] = 0.1 }, new Score(accuracy, 1.5));
}
