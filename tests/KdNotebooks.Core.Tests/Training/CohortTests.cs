using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Native;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tests.Distillation;
using KdNotebooks.Training;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Training;

[Collection(TorchState.Name)]
public sealed class CohortTests : IDisposable
{
    private static readonly StreamOptions Stream = new(Epochs: 3, BatchSize: 8, Seed: 5);
    private static readonly PaddedCrop Crops = new(1, Views: 2);

    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = torch.NewDisposeScope();
    private readonly Dataset data = Tiny.Data(); // 24 images: three steps an epoch

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("live")]
    [InlineData("memory")]
    [InlineData("disk")]
    public void A_student_ends_in_a_cohort_as_it_does_alone(string source)
    {
        using var teacher = Teacher(source);
        var alone = Three().Select(make =>
        {
            using var run = make();
            Train(teacher, run);
            return run.Fingerprint;
        }).ToList();
        var runs = Three().Select(make => make()).ToArray();
        Train(teacher, runs);
        Assert.Equal(alone, runs.Select(run => run.Fingerprint));
        Assert.Distinct(alone);
        Array.ForEach(runs, run => run.Dispose());
    }

    [Fact]
    public void The_same_recipe_twice_gives_the_same_weights_epoch_by_epoch()
    {
        using var teacher = Teacher("live");
        var logs = Enumerable.Range(0, 2).Select(_ =>
        {
            using var run = new TestRun(1, TestRun.Feature);
            Train(teacher, run);
            return run.Log;
        }).ToList();
        Assert.Equal(logs[0].Students, logs[1].Students);
        Assert.Equal(3, logs[0].Students.Distinct().Count());
        Assert.Equal(Totals(logs[0]), Totals(logs[1]));

        static IEnumerable<double> Totals(Log log) => log.Epochs.Select(epoch => epoch.Losses["total"]);
    }

    [Fact]
    public void A_cached_teacher_gives_the_student_that_a_live_one_gives()
    {
        var students = new[] { "live", "memory", "disk" }.Select(source =>
        {
            using var teacher = Teacher(source);
            using var run = new TestRun(1, TestRun.Feature);
            Train(teacher, run);
            return run.Log.Epochs[^1].Losses["total"];
        }).ToList();
        Assert.Equal(students[0], students[1], 1e-4);
        Assert.Equal(students[1], students[2]); // bit for bit: both hold what one pass gave
    }

    [Fact]
    public void Each_epoch_is_written_down_with_its_validation_score()
    {
        using var run = new TestRun(1, schedule: new MultiStep([2]));
        Train(null, run);
        Assert.Equal([1, 2, 3], run.Log.Epochs.Select(epoch => epoch.Epoch));
        Assert.Equal([3, 6, 9], run.Log.Epochs.Select(epoch => epoch.Step));
        Assert.Equal([0.1, 0.1, 0.01], run.Log.Epochs.Select(epoch => Math.Round(epoch.LearningRate, 6)));
        var score = Evaluation.Scores(
            Task, [Network.Of(run.Student)], "validation", torch.CPU, TestContext.Current.CancellationToken)[0];
        var last = run.Log.Epochs[2];
        Assert.Equal((score.Headline.Value, score.Loss), (last.Validation.Headline.Value, last.Validation.Loss));
    }

    [Fact]
    public void A_student_learns_what_can_be_learnt()
    {
        using var run = new TestRun(1, student: Sequential(Flatten(), nn.Linear(20, 16), ReLU(), nn.Linear(16, 3)));
        new Cohort(new ClassificationTask(data, PaddedCrop.None), null, Stream with { Epochs = 20 }, torch.CPU).Train(
            [run.StudentTrainer], cancellation: TestContext.Current.CancellationToken);
        Assert.True(run.Log.Epochs[^1].Losses["total"] < 0.5 * run.Log.Epochs[0].Losses["total"]);
    }

    [Fact]
    public void Cancelled_between_steps_it_stops_there()
    {
        using var cancel = new CancellationTokenSource();
        using var run = new TestRun(1);
        var steps = 0L;
        var reporter = new Reporter((_, done) =>
        {
            steps = done;
            if (done == 4 * Stream.BatchSize)
            {
                cancel.Cancel();
            }
        });
        Assert.ThrowsAny<OperationCanceledException>(
            () => new Cohort(Task, null, Stream, torch.CPU).Train([run.StudentTrainer], reporter, cancel.Token));
        Assert.Equal(4 * Stream.BatchSize, steps);
        Assert.Single(run.Log.Epochs); // what was finished stays
    }

    [Fact]
    public void Each_member_has_its_own_progress_over_all_images()
    {
        using var first = new TestRun(1);
        using var second = new TestRun(2);
        var heard = new List<(string, long)>();
        new Cohort(Task, null, Stream, torch.CPU).Train(
            [first.StudentTrainer, second.StudentTrainer], new Reporter((title, done) => heard.Add((title, done))),
            TestContext.Current.CancellationToken);
        foreach (var title in new[] { "run 1: 72 images", "run 2: 72 images" })
        {
            // An epoch's last step is reported again with its score.
            Assert.Equal(
                [8, 16, 24, 24, 32, 40, 48, 48, 56, 64, 72, 72],
                heard.Where(entry => entry.Item1 == title).Select(entry => entry.Item2));
        }
    }

    [Fact]
    public void Training_leaves_no_tensor_beside_the_weights()
    {
        using var teacher = Teacher("memory");
        using var run = new TestRun(1, TestRun.Feature);
        Train(teacher, run);
        var before = Tiny.LiveTensors;
        Train(teacher, run);
        Assert.Equal(before, Tiny.LiveTensors);
    }

    [Fact]
    public void A_batch_larger_than_the_set_and_numbers_out_of_range_are_refused()
    {
        Assert.Contains("a batch of 25 is more than the 24 training images", Refused(Stream with { BatchSize = 25 }));
        Assert.Contains("0 epochs of batches of 8; expected at least 1 each", Refused(Stream with { Epochs = 0 }));
        Assert.Contains("3 epochs of batches of 0", Refused(Stream with { BatchSize = 0 }));
    }

    [Fact]
    public void A_student_that_needs_a_teacher_is_refused_without_one()
    {
        using var run = new TestRun(1, TestRun.Feature);
        Assert.Contains(
            "run 1: is held to a teacher, but the cohort has none",
            Assert.Throws<KdException>(() => Train(null, run)).Message);
    }

    private ClassificationTask Task => new(data, Crops);

    private string Refused(StreamOptions stream) =>
        Assert.Throws<KdException>(() => new Cohort(Task, null, stream, torch.CPU)).Message;

    // Alone, with a feature term, and with logits and another optimizer: all with dropout.
    private static Func<TestRun>[] Three() =>
    [
        () => new TestRun(1),
        () => new TestRun(1, TestRun.Feature, clip: 1),
        () => new TestRun(
            2, TestRun.Feature, new LogitConnection(new KdLoss(), 1), new AdamW(), new WarmUp(4, new Cosine())),
    ];

    private void Train(ITeacher? teacher, params TestRun[] runs) =>
        new Cohort(Task, teacher, Stream, torch.CPU).Train(
            [.. runs.Select(run => run.StudentTrainer)], cancellation: TestContext.Current.CancellationToken);

    private ITeacher Teacher(string source)
    {
        Seed.Set(9);
        var (live, images) = (Tiny.Teacher(), new AugmentedSet(data, Crops, Stream.Seed));
        return source switch
        {
            "memory" => new CachedTeacher(live, images, new MemoryFeatureStore(), torch.CPU),
            "disk" => new CachedTeacher(
                live, images, new DiskFeatureStore(folder.File(""), new FeatureKey("t", "d", images.Key, live.Paths)),
                torch.CPU),
            _ => live,
        };
    }
}
