using System.Text.Json.Nodes;
using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Losses;
using KdNotebooks.Recipes;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;
using KdNotebooks.Teachers;
using KdNotebooks.Training;
using KdNotebooks.Weights;

namespace KdNotebooks.Tests.Runs;

[Collection(TorchState.Name)]
public sealed class TrainingOptionsTests : IDisposable
{
    private readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    [Fact]
    public void Options_that_are_off_are_not_written_so_that_older_runs_keep_their_names()
    {
        var plain = RecipeJson.Write(Trials.Distilled("linear", new Linear()));
        Assert.All(
            ["accumulate", "average", "earlyStopping", "furtherTeachers", "labelSmoothing", "normalization"],
            field => Assert.DoesNotContain($"\"{field}\"", plain));
    }

    [Fact]
    public void An_average_is_measured_and_kept_beside_the_student_which_it_does_not_change()
    {
        var plain = Trials.Distilled("linear", new Linear());
        var result = Trials.Run(root.File("a"), plain with { Average = new WeightAverage(0.5) });
        var without = Trials.Run(root.File("b"), plain);

        var run = result.Runs[0];
        Assert.Equal(Tensors(without.Runs[0], "last"), Tensors(run, "last"));
        Assert.NotEqual(Tensors(run, "last"), Tensors(run, "average"));
        Assert.Equal(
            ["average", "best", "last"],
            run.Rows.Where(row => (row.Metric, row.Split) == ("accuracy", "test")).Select(row => row.Epoch).Order());
        Assert.Equal(
            run.Epochs[^1].Average!.Headline.Value,
            run.Rows.Single(row => (row.Metric, row.Split, row.Epoch) == ("accuracy", "validation", "average")).Value);
        Assert.Contains("averageValidationAccuracy", File.ReadLines(Path.Combine(run.Folder, "metrics.jsonl")).First());
        Assert.DoesNotContain("average", File.ReadAllText(Path.Combine(without.Runs[0].Folder, "metrics.jsonl")));
    }

    [Fact]
    public void An_average_that_forgets_at_once_is_the_student()
    {
        var run = Trials.Run(root.Path, Trials.Alone() with { Average = new WeightAverage(0) }).Runs[0];
        Assert.Equal(Tensors(run, "last"), Tensors(run, "average"));
    }

    [Fact]
    public void Batches_are_added_up_to_steps_of_their_common_size()
    {
        var large = Trials.Alone() with { BatchSize = 32 };
        var small = large with { BatchSize = 8, Accumulate = 4, Method = "four" };
        var (one, four) = (Trials.Run(root.File("a"), large).Runs[0], Trials.Run(root.File("b"), small).Runs[0]);
        Assert.Equal(one.Epochs.Select(epoch => epoch.Step), four.Epochs.Select(epoch => epoch.Step));
        Assert.Equal(one.Epochs.Select(epoch => epoch.LearningRate), four.Epochs.Select(epoch => epoch.LearningRate));
        Assert.Contains("2 batches of 50", Assert.Throws<KdException>(() =>
            Trials.Run(root.File("c"), large with { BatchSize = 50, Accumulate = 2 })).Message);
    }

    [Fact]
    public void A_student_that_gets_no_better_stops_and_its_cohort_goes_on()
    {
        // Nothing is learned at such a rate: the first epoch is the best one.
        var idle = Trials.Alone() with
        {
            Method = "idle",
            Optimizer = new Sgd(1e-20, 0, 0),
            Epochs = 5,
            EarlyStopping = new EarlyStopping(2, 100),
        };
        var other = Trials.Alone() with { Epochs = 5 };
        var both = Trials.Run(root.File("a"), idle, other);

        Assert.Equal([3, 5], both.Runs.Select(run => run.Epochs.Count));
        var said = JsonNode.Parse(File.ReadAllText(Path.Combine(both.Runs[0].Folder, "manifest.json")))!;
        Assert.Equal(("complete", 3, 1), (
            (string)said["status"]!, (int)said["stoppedEarly"]!["epoch"]!, (int)said["stoppedEarly"]!["bestEpoch"]!));
        Assert.Null(JsonNode.Parse(File.ReadAllText(Path.Combine(both.Runs[1].Folder, "manifest.json")))!["stoppedEarly"]);
        var alone = Trials.Run(root.File("b"), other).Runs[0];
        Assert.Equal(Tensors(alone, "last"), Tensors(both.Runs[1], "last"));
        Assert.Equal(Tensors(Trials.Run(root.File("c"), idle).Runs[0], "last"), Tensors(both.Runs[0], "last"));
    }

    [Fact]
    public void Without_labels_a_student_learns_from_its_teacher_alone()
    {
        var labeled = KnownDatasets.Open(new DataSpec("fashion-mnist-mini", 64, 50, 50));
        KnownDatasets.Register("options-unlabeled", labeled.WithoutTrainingLabels());
        KnownDatasets.Register("options-labeled", labeled);
        var recipe = Trials.Distilled("kd", new Linear()) with
        {
            Data = new DataSpec("options-labeled"),
            Teacher = new TeacherSpec("fashion-teacher"),
            Logits = new(new KdLoss(), 1),
            TaskWeight = 0,
        };
        var blind = recipe with { Data = new DataSpec("options-unlabeled") };

        Assert.Equal(
            Tensors(Trials.Run(root.File("a"), recipe).Runs[0], "last"),
            Tensors(Trials.Run(root.File("b"), blind).Runs[0], "last"));
        Refused("have no labels, and the task's weight is 1", blind with { TaskWeight = 1 });
        Refused("a student alone needs labels", blind.Alone());
        Refused("dkd: it looks at the labels", blind with { Logits = new(new DkdLoss(), 1) });
    }

    [Fact]
    public void Events_are_read_back_and_times_stand_apart_from_what_is_the_same()
    {
        var context = new RunContext(ProgressReporter.Silent, root.File("a"), TestContext.Current.CancellationToken);
        var run = Experiment.Run([Trials.Distilled("linear", new Linear())], context with { TensorBoard = true }).Runs[0];
        var points = EventsFile.Read(Assert.Single(Directory.GetFiles(run.Folder, "events.out.tfevents.*")));

        foreach (var epoch in run.Epochs)
        {
            Assert.Equal(epoch.Losses["total"], points[("loss/total", epoch.Step)], 1e-5);
            Assert.Equal(epoch.Losses["layer3 linear l2"], points[("loss/layer3 linear l2", epoch.Step)], 1e-5);
            Assert.Equal(epoch.Validation.Headline.Value, points[("validation/accuracy", epoch.Step)], 1e-4);
            Assert.Equal(epoch.LearningRate, points[("learning rate", epoch.Step)], 1e-6);
            Assert.True(points[("images per second", epoch.Step)] > 0);
        }

        var again = Trials.Run(root.File("b"), run.Recipe).Runs[0];
        Assert.Empty(Directory.GetFiles(again.Folder, "events*"));
        Assert.Equal(2, File.ReadLines(Path.Combine(again.Folder, "timings.jsonl")).Count());
        Assert.Equal(
            File.ReadAllText(Path.Combine(run.Folder, "metrics.jsonl")),
            File.ReadAllText(Path.Combine(again.Folder, "metrics.jsonl")));
    }

    [Fact]
    public void A_run_that_is_stopped_says_so_and_leaves_whole_files()
    {
        using var source = new CancellationTokenSource();
        var context = new RunContext(new StopAfter(source, epoch: 2), root.Path, source.Token);
        Assert.ThrowsAny<OperationCanceledException>(() => Experiment.Run([Trials.Alone() with { Epochs = 50 }], context));

        var folder = Assert.Single(Directory.GetDirectories(root.File("runs")));
        var said = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "manifest.json")))!;
        Assert.Equal(("stopped", 1), ((string)said["status"]!, (int)said["epochsKept"]!));
        Assert.Single(File.ReadLines(Path.Combine(folder, "metrics.jsonl")), line => JsonNode.Parse(line) is not null);
        TrainedModel.Load(Path.Combine(folder, "last.safetensors")).Build().Root.Dispose();
        TrainedModel.Load(Path.Combine(folder, "best.safetensors")).Build().Root.Dispose();
    }

    internal static string Tensors(RunResult run, string which)
    {
        using var model = TrainedModel.Load(Path.Combine(run.Folder, which + ".safetensors")).Build().Root;
        return StateDict.Fingerprint(model);
    }

    private void Refused(string why, Recipe recipe) =>
        Assert.Contains(why, Assert.Throws<KdException>(() => Trials.Run(root.File("refused"), recipe)).Message);

    /// <summary>Presses Ctrl-C when an epoch is seen to have begun.</summary>
    private sealed class StopAfter(CancellationTokenSource source, int epoch) : IProgressReporter, IProgressTask
    {
        public IProgressTask Start(string title, long total, string unit) => this;

        public void Report(long done, string? note = null)
        {
            if (note?.StartsWith($"epoch {epoch}/", StringComparison.Ordinal) is true)
            {
                source.Cancel();
            }
        }

        public void Dispose()
        {
        }
    }
}
