using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tests.Distillation;
using KdNotebooks.Training;

namespace KdNotebooks.Tests.Training;

/// <summary>Steps in all, cut into epochs: 24 images in batches of 8 are three steps a pass.</summary>
[Collection(TorchState.Name)]
public sealed class CohortIterationsTests : IDisposable
{
    private const int BatchSize = 8, StreamSeed = 5;

    private readonly DisposeScope scope = torch.NewDisposeScope();
    private readonly ClassificationTask task = new(Tiny.Data(), new PaddedCrop(1));

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(2, 8, new[] { 4, 8 })] // an epoch ends within a pass
    [InlineData(4, 4, new[] { 1, 2, 3, 4 })] // less than a pass
    [InlineData(1, 10, new[] { 10 })] // more than three passes
    [InlineData(3, 9, new[] { 3, 6, 9 })]
    public void Passes_run_on_across_epochs(int epochs, int iterations, int[] steps)
    {
        using var teacher = new Listener();
        using var run = new TestRun(1, TestRun.Feature);

        Train(teacher, new StreamOptions(epochs, BatchSize, StreamSeed, iterations), run);

        Assert.Equal(Enumerable.Range(1, epochs), run.Log.Epochs.Select(epoch => epoch.Epoch));
        Assert.Equal(steps, run.Log.Epochs.Select(epoch => epoch.Step));
        var loader = new BatchLoader(task.Data.Train, BatchSize, StreamSeed, task.Augmentation, dropLast: true);
        var passes = Enumerable.Range(1, 4).SelectMany(pass => loader.Epoch(pass)).Take(iterations);
        Assert.Equal(passes.Select(batch => Words(batch.Keys)), teacher.Heard);
    }

    [Fact]
    public void As_many_as_the_passes_have_give_the_very_same_student()
    {
        var students = new int?[] { null, 9 }.Select(iterations =>
        {
            using var run = new TestRun(1);
            Train(null, new StreamOptions(3, BatchSize, StreamSeed, iterations), run);
            return string.Join(' ', run.Log.Students);
        }).ToList();

        Assert.Equal(students[0], students[1]);
    }

    [Fact]
    public void How_the_steps_are_cut_changes_no_weight()
    {
        var students = new[] { 1, 2, 5, 10 }.Select(epochs =>
        {
            using var run = new TestRun(1);
            Train(null, new StreamOptions(epochs, BatchSize, StreamSeed, 10), run);
            return run.Fingerprint;
        }).ToList();

        Assert.All(students, student => Assert.Equal(students[0], student));
    }

    [Fact]
    public void Schedules_count_these_steps_and_these_epochs()
    {
        using var steps = new TestRun(1, schedule: new Polynomial(1, 0));
        using var epochs = new TestRun(1, schedule: new MultiStep([2]));

        Train(null, new StreamOptions(4, BatchSize, StreamSeed, 20), steps, epochs);

        // The last step of an epoch, of 20: the rate falls from 0.1 to 0 on a line.
        Assert.Equal([0.08, 0.055, 0.03, 0.005], steps.Log.Epochs.Select(epoch => Math.Round(epoch.LearningRate, 9)));
        Assert.Equal([0.1, 0.1, 0.01, 0.01], epochs.Log.Epochs.Select(epoch => Math.Round(epoch.LearningRate, 9)));
    }

    [Fact]
    public void Progress_goes_to_the_images_of_all_steps()
    {
        using var run = new TestRun(1);
        var heard = new List<(string Title, long Done)>();

        new Cohort(task, null, new StreamOptions(2, BatchSize, StreamSeed, 8), torch.CPU).Train(
            [run.StudentTrainer], new Reporter((title, done) => heard.Add((title, done))),
            TestContext.Current.CancellationToken);

        Assert.Equal(("run 1: 64 images", 64), heard[^1]);
    }

    [Theory]
    [InlineData(7, 2)]
    [InlineData(1, 2)]
    [InlineData(0, 2)]
    [InlineData(-4, 2)]
    public void A_number_that_the_epochs_do_not_divide_is_refused(int iterations, int epochs) => Assert.Contains(
        $"Cohort: {iterations} iterations in {epochs} epochs; expected a multiple of the epochs",
        Assert.Throws<KdException>(() => new Cohort(
            task, null, new StreamOptions(epochs, BatchSize, StreamSeed, iterations), torch.CPU)).Message);

    private void Train(ITeacher? teacher, StreamOptions stream, params TestRun[] runs) =>
        new Cohort(task, teacher, stream, torch.CPU).Train(
            [.. runs.Select(run => run.StudentTrainer)], cancellation: TestContext.Current.CancellationToken);

    private static string Words(SampleKeys keys) => $"view {keys.View}: {string.Join(' ', keys.Indices)}";

    /// <summary>A teacher that writes down which batches it is asked about.</summary>
    private sealed class Listener : ITeacher
    {
        private readonly LiveTeacher teacher = Tiny.Teacher();

        public List<string> Heard { get; } = [];

        public IReadOnlyList<string> Paths => teacher.Paths;

        public TeacherMaps Maps => teacher.Maps;

        public IReadOnlyDictionary<string, Tensor> Features(Batch batch)
        {
            Heard.Add(Words(batch.Keys));
            return teacher.Features(batch);
        }

        public void Dispose() => teacher.Dispose();
    }
}
