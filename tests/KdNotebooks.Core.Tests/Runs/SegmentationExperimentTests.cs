using System.Text.Json;
using KdNotebooks.Data;
using KdNotebooks.Models;
using KdNotebooks.Recipes;
using KdNotebooks.Results;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tasks.Segmentation;
using KdNotebooks.Teachers;
using KdNotebooks.Tests.Distillation;

namespace KdNotebooks.Tests.Runs;

[Collection(TorchState.Name)]
public sealed class SegmentationExperimentTests(SceneTrials trials) : IClassFixture<SceneTrials>, IDisposable
{
    private static readonly string[] Weights = ["best.safetensors", "last.safetensors", "aligners.safetensors"];

    private readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    // Alone, each is a second run of its recipe, too.
    [Fact]
    public void A_student_in_a_cohort_ends_as_the_one_that_ran_alone()
    {
        var together = Run("together", trials.Five());

        Assert.Equal(trials.Five(), together.Runs.Select(run => run.Recipe));
        foreach (var run in together.Runs)
        {
            RequireSameBytes(run, Run("alone", run.Recipe).Runs[0]);
        }

        Assert.Distinct(together.Runs.Select(run => Convert.ToHexString(Tensors(run, "last.safetensors"))));
    }

    // Of the first two steps: what is rounded another way in batches of 16 grows from step to step.
    [Fact]
    public void A_cached_teacher_says_what_a_live_one_says()
    {
        Recipe[] Steps(TeacherSource source) => [.. Pair(source).Select(recipe => recipe with { Iterations = 2 })];
        var (live, memory) = (Run("live", Steps(TeacherSource.Live)), Run("memory", Steps(TeacherSource.Memory)));

        foreach (var (one, other) in live.Runs.Zip(memory.Runs))
        {
            Assert.All(one.Epochs.Zip(other.Epochs), epochs => Assert.All(
                epochs.First.Losses, loss => Assert.Equal(loss.Value, epochs.Second.Losses[loss.Key], 1e-4)));
        }
    }

    [Fact]
    public void Memory_and_disk_give_the_same_student_and_so_do_the_files_of_an_earlier_run()
    {
        var memory = Run("memory", Pair(TeacherSource.Memory));
        var (disk, again) = (Run("disk", Pair(TeacherSource.Disk)), Run("again", Pair(TeacherSource.Disk)));

        for (var i = 0; i < memory.Runs.Count; i++)
        {
            RequireSameTensors(memory.Runs[i], disk.Runs[i]);
            RequireSameTensors(disk.Runs[i], again.Runs[i]);
        }
    }

    [Fact]
    public void Each_run_leaves_rows_metrics_and_a_manifest_in_the_task_s_own_words()
    {
        var result = Run("a", trials.Five());

        foreach (var run in result.Runs)
        {
            RequireRows(run);
            RequireLines(run);
            using var manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(run.Folder, "manifest.json")));
            Assert.Equal("complete", manifest.RootElement.GetProperty("status").GetString());
            Assert.Equal(run.Recipe, RecipeJson.Read(manifest.RootElement.GetProperty("recipe").GetRawText()));
            Assert.Equal(32, manifest.RootElement.GetProperty("data").GetProperty("train").GetInt32());
            if (run.Recipe.Distils)
            {
                var teacher = manifest.RootElement.GetProperty("teacher");
                Assert.Equal(result.Teacher!.Validation, teacher.GetProperty("validationMIoU").GetDouble());
                Assert.Equal(result.Teacher.Test, teacher.GetProperty("testMIoU").GetDouble());
            }
        }

        Assert.Equal(("mIoU", "PSPNet-R18 (width 8)"), (result.Teacher!.Metric, result.Teacher.Model));
        Assert.Equal(new Measurement("mIoU", "test", "last"), result.Table.Headline);
        Assert.Equal("mIoU (%)", result.Curves.Metric);
        Assert.StartsWith("linear: mIoU ", Conclusion.Of(result.Table, "linear"));
        Assert.Equal(
            ["task", "auxiliary", "backbone.layer4 linear l2", "total"], result.Runs[1].Epochs[0].Losses.Keys);
        Assert.Contains("logits kd", result.Runs[4].Epochs[0].Losses.Keys);
    }

    [Fact]
    public void What_was_kept_gives_the_rows_again()
    {
        var recipe = trials.Five()[4] with { Task = new SegmentationSpec(0.2, null, new SlidingWindow(20, 24, 12, 8)) };
        var run = Run("a", recipe).Runs[0];

        foreach (var which in new[] { "last", "best" })
        {
            var network = TrainedModel.Load(Path.Combine(run.Folder, $"{which}.safetensors")).Build();
            using var model = network.Root;
            foreach (var split in new[] { "test", "validation" })
            {
                var score = Evaluation.Scores(
                    recipe.OpenTask(), [network], split, torch.CPU, TestContext.Current.CancellationToken)[0];
                Assert.Equal(score["mIoU"], Row(run, "mIoU", split, which));
                Assert.Equal(score["pixel accuracy"], Row(run, "pixel accuracy", split, which));
                Assert.Equal(score.Loss, Row(run, "loss", split, which));
            }
        }
    }

    [Fact]
    public void A_teacher_is_measured_as_its_students_are()
    {
        var whole = trials.Five()[4];
        var parts = whole with
        {
            Method = "in parts",
            Task = new SegmentationSpec(Window: new SlidingWindow(24, 24, 8, 8)),
        };

        var result = Run("a", whole, parts);

        var (first, second) = (Teacher(result.Runs[0]), Teacher(result.Runs[1]));
        Assert.NotEqual(first, second);
        Assert.Equal(Teacher(Run("b", parts).Runs[0]), second);

        static double Teacher(RunResult run)
        {
            using var manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(run.Folder, "manifest.json")));
            return manifest.RootElement.GetProperty("teacher").GetProperty("validationMIoU").GetDouble();
        }
    }

    [Theory]
    [InlineData(SegmentationHead.DeepLabV3)]
    [InlineData(SegmentationHead.Fcn)]
    public void Other_heads_are_trained_too_and_iterations_are_counted(SegmentationHead head)
    {
        var recipe = trials.Five()[3] with
        {
            Student = new SegmenterSpec(head, Width: 4, HeadChannels: 4, Auxiliary: false),
            Iterations = 6,
            Augmentation = new ResizedCrop(32, 32),
            Task = new SegmentationSpec(ClassWeights: [.. Enumerable.Repeat(0.5, 11)]),
        };

        var run = Run("a", recipe).Runs[0];

        Assert.Equal([3, 6], run.Epochs.Select(epoch => epoch.Step));
        Assert.DoesNotContain("auxiliary", run.Epochs[0].Losses.Keys);
        RequireRows(run);
    }

    [Fact]
    public void Two_experiments_at_once_give_the_bytes_of_one_after_the_other()
    {
        var recipes = new[] { trials.Alone(1), trials.Five()[4] with { Seed = 2 } };
        ExperimentResult[] alone = [Run("alone", recipes[0]), Run("alone", recipes[1])];

        for (var round = 0; round < 2; round++)
        {
            var results = new ExperimentResult[2];
            Thread[] threads = [.. recipes.Select((recipe, i) =>
                new Thread(() => results[i] = Run($"at once {round}", recipe)))];
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());
            RequireSameBytes(alone[0].Runs[0], results[0].Runs[0]);
            RequireSameBytes(alone[1].Runs[0], results[1].Runs[0]);
        }
    }

    [Fact]
    public void Padded_crops_and_chains_of_both_augment_scenes_too()
    {
        var crop = trials.Alone() with { Epochs = 1, Augmentation = new PaddedCrop(Views: 2) };
        var chain = crop with
        {
            Augmentation = new Chain([new ResizedCrop(24, 24, Distort: false), new PaddedCrop(1)], Views: 2),
        };

        RequireRows(Run("crop", crop).Runs[0], 1);
        RequireRows(Run("chain", chain).Runs[0], 1);
    }

    // A convolution's bias outlives its module in TorchSharp, so each run leaves some tensors; its steps leave none.
    [Fact]
    public void However_many_steps_no_tensor_outlives_its_step()
    {
        Run("warm", Pair(TeacherSource.Live));
        var (one, two) = (Left(1), Left(2));

        Assert.Equal(one, two);

        long Left(int epochs)
        {
            var before = Tiny.LiveTensors;
            Run($"{epochs} epochs", [.. Pair(TeacherSource.Live).Select(recipe => recipe with { Epochs = epochs })]);
            return Tiny.LiveTensors - before;
        }
    }

    // What is wrong with the last of two recipes, and what the message then says.
    public static TheoryData<Func<Recipe, Recipe>, string> Wrong { get; } = new()
    {
        { recipe => recipe with { Task = new ClassificationSpec() }, "has no class for each image" },
        { recipe => recipe with { Data = new("fashion-mnist-mini") }, "has no class for each pixel" },
        { recipe => recipe with { Task = new SegmentationSpec(ClassWeights: [1]) }, "expected 11 finite numbers" },
        { recipe => recipe with { Iterations = 7 }, "7 iterations in 2 epochs; expected a multiple" },
        { recipe => recipe with { BatchSize = 33 }, "a batch of 33 is more than the 32 training images" },
        { recipe => recipe with { Student = new ResNetSpec() }, "Recipe 'wrong': " },
        { recipe => recipe with { Student = new SegmenterSpec(Width: 4, OutputStride: 16) }, "differ in size" },
        { recipe => recipe with { Teacher = new("fashion-teacher") }, "takes 1 channels and gives 10 classes" },
        { recipe => recipe with { BatchSize = 1 }, "Recipe 'wrong': a step of 1 image" },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void An_error_in_the_last_recipe_comes_before_anything_is_trained(
        Func<Recipe, Recipe> change, string message)
    {
        var wrong = change(trials.Five()[3]) with { Method = "wrong" };

        var error = Assert.Throws<KdException>(() => Run("refused", trials.Alone(), wrong));

        Assert.Contains(message, error.Message);
        Assert.False(Directory.Exists(root.File("refused/runs")), "A run was begun before the error came.");
    }

    // One that is held to maps, one that is held to logits.
    private Recipe[] Pair(TeacherSource source) => [trials.Five(source)[1], trials.Five(source)[4]];

    private ExperimentResult Run(string folder, params Recipe[] recipes) => Trials.Run(root.File(folder), recipes);

    private static double Row(RunResult run, string metric, string split, string epoch) =>
        run.Rows.Single(row => (row.Metric, row.Split, row.Epoch) == (metric, split, epoch)).Value;

    private static void RequireRows(RunResult run, int epochs = 2)
    {
        var expected =
            from epoch in new[] { "last", "best" }
            from split in new[] { "test", "validation" }
            from metric in new[] { "mIoU", "pixel accuracy", "loss" }
            select (epoch, split, metric);
        Assert.Equal(epochs, run.Epochs.Count);
        Assert.Equal(expected, run.Rows.Select(row => (row.Epoch, row.Split, row.Metric)));
        Assert.All(run.Rows, row => Assert.True(double.IsFinite(row.Value), $"{row}"));
        var best = run.Epochs.MaxBy(epoch => epoch.Validation.Headline.Value)!.Validation;
        Assert.Equal(best.Headline.Value, Row(run, "mIoU", "validation", "best"));
        Assert.Equal(run.Epochs[^1].Validation.Loss, Row(run, "loss", "validation", "last"));
    }

    private static void RequireLines(RunResult run)
    {
        var lines = File.ReadLines(Path.Combine(run.Folder, "metrics.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(2 + 12, lines.Count);
        foreach (var (line, epoch) in lines.Zip(run.Epochs))
        {
            Assert.Equal(epoch.Validation["mIoU"], line.GetProperty("validationMIoU").GetDouble());
            Assert.Equal(
                epoch.Validation["pixel accuracy"], line.GetProperty("validationPixelAccuracy").GetDouble());
            Assert.Equal(epoch.Validation.Loss, line.GetProperty("validationLoss").GetDouble());
            Assert.False(line.TryGetProperty("validationAccuracy", out _));
        }
    }

    private static void RequireSameBytes(RunResult first, RunResult second)
    {
        foreach (var name in Weights)
        {
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(first.Folder, name)),
                File.ReadAllBytes(Path.Combine(second.Folder, name)));
        }
    }

    // The recipes in the files differ in where the teacher's maps come from.
    private static void RequireSameTensors(RunResult first, RunResult second) =>
        Assert.All(Weights, name => Assert.Equal(Tensors(first, name), Tensors(second, name)));

    private static byte[] Tensors(RunResult run, string name)
    {
        var bytes = File.ReadAllBytes(Path.Combine(run.Folder, name));
        return bytes[(8 + (int)BitConverter.ToInt64(bytes))..];
    }
}
