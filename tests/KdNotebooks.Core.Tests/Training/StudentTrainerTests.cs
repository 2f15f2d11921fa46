using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Native;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Tests.Distillation;
using KdNotebooks.Training;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Training;

[Collection(TorchState.Name)]
public sealed class StudentTrainerTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();
    private readonly Tensor images, labels;
    private readonly Batch batch;
    private readonly Dictionary<string, Tensor> teacher;

    public StudentTrainerTests()
    {
        Seed.Set(1);
        images = torch.randn(8, 1, 4, 5);
        labels = torch.arange(8, dtype: torch.int64).remainder(3);
        batch = Tiny.Batch(images, labels);
        teacher = new() { ["body"] = torch.randn(8, 6, 4, 5), [""] = torch.randn(8, 3) };
    }

    public void Dispose() => scope.Dispose();

    [Fact]
    public void The_total_is_the_task_plus_the_weighted_terms()
    {
        using var run = new TestRun(1, TestRun.Feature, new LogitConnection(new KdLoss(), 0.5));
        var total = run.StudentTrainer.Step(batch, teacher, At(0));
        var losses = Means(run, At(0));
        Assert.Equal(["body mlp-1 l2", "logits kd", "task", "total"], losses.Keys.Order());
        Assert.Equal(total, losses["total"]);
        Assert.Equal(total, losses["task"] + losses["body mlp-1 l2"] + losses["logits kd"], 1e-5);
    }

    [Fact]
    public void Its_standing_names_each_term_of_the_last_step_and_the_last_epoch_s_score()
    {
        using var run = new TestRun(1, TestRun.Feature);
        run.StudentTrainer.Step(batch, teacher, At(0));
        Assert.Matches(@"^loss \d+\.\d{3} \(task \d+\.\d{3}, body mlp-1 l2 \d+\.\d{3}\)$", run.StudentTrainer.Standing);
        run.StudentTrainer.EndEpoch(At(0), new Score(81.9, 0.5));
        Assert.EndsWith(", validation 81.90 %", run.StudentTrainer.Standing);
        using var alone = new TestRun(1);
        alone.StudentTrainer.Step(batch, teacher, At(0));
        Assert.Matches(@"^loss \d+\.\d{3}$", alone.StudentTrainer.Standing);
    }

    [Fact]
    public void A_step_trains_the_student_and_the_aligner()
    {
        using var run = new TestRun(1, TestRun.Feature);
        var before = run.Distiller.Parameters().Select(Bytes).ToList();
        run.StudentTrainer.Step(batch, teacher, At(0));
        Assert.Equal(6 + 4, before.Count);
        Assert.All(
            before.Zip(run.Distiller.Parameters().Select(Bytes)), pair => Assert.NotEqual(pair.First, pair.Second));
    }

    [Fact]
    public void An_epochs_losses_are_means_over_its_steps_and_begin_anew()
    {
        using var run = new TestRun(1);
        var totals = Enumerable.Range(0, 3).Select(step => run.StudentTrainer.Step(batch, teacher, At(step))).ToList();
        run.StudentTrainer.EndEpoch(At(2), new Score(75, 0.5));
        var second = run.StudentTrainer.Step(batch, teacher, At(3));
        run.StudentTrainer.EndEpoch(At(3), new Score(80, 0.4));
        var (epoch, next) = (run.Log.Epochs[0], run.Log.Epochs[1]);
        Assert.Equal(totals.Average(), epoch.Losses["total"], 1e-6);
        Assert.Equal(second, next.Losses["total"]);
        Assert.Equal((3, 75.0, 0.5), (epoch.Step, epoch.Validation.Headline.Value, epoch.Validation.Loss));
        Assert.Equal((4, 80.0, 0.4), (next.Step, next.Validation.Headline.Value, next.Validation.Loss));
    }

    [Fact]
    public void The_learning_rate_is_the_schedules_at_the_step_and_is_used()
    {
        // Without momentum and decay a step is the gradient times the rate; at rate 0 it is none.
        using var run = new TestRun(1, optimizer: new Sgd(0.4, 0, 0), schedule: new MultiStep([1], 1e-30));
        var before = Weights(run);
        run.StudentTrainer.Step(batch, teacher, At(9));
        run.StudentTrainer.EndEpoch(At(9), new Score(0, 0));
        var after = Weights(run);
        run.StudentTrainer.Step(batch, teacher, At(10));
        run.StudentTrainer.EndEpoch(At(10), new Score(0, 0));
        Assert.Equal(
            [0.4, 0.4e-30], run.Log.Epochs.Select(epoch => epoch.LearningRate), (a, b) => Math.Abs(a - b) < 1e-40);
        Assert.NotEqual(before, after);
        Assert.Equal(after, Weights(run));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0.01)]
    public void Clipping_bounds_the_step(double? clip)
    {
        using var run = new TestRun(
            1, TestRun.Feature with { Alpha = 1000 }, null, new Sgd(0.1, 0, 0), new Constant(), clip);
        var before = Weights(run);
        run.StudentTrainer.Step(batch, teacher, At(0));
        var length = Math.Sqrt(before.Zip(Weights(run), (a, b) => ((double)a - b) * (a - b)).Sum());
        Assert.Equal(clip is null, length > 0.1 * 0.01 * 1.01);
    }

    [Fact]
    public void A_bound_that_is_not_reached_changes_no_bit()
    {
        using var free = new TestRun(1, TestRun.Feature);
        free.StudentTrainer.Step(batch, teacher, At(0));
        using var bound = new TestRun(1, TestRun.Feature, clip: 1e6);
        bound.StudentTrainer.Step(batch, teacher, At(0));
        Assert.Equal(free.Fingerprint, bound.Fingerprint);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    public void A_bound_that_is_no_length_is_refused(double clip) => Assert.Contains(
        $"run 1: the gradient is clipped to a norm of {clip}; expected a finite number greater than 0",
        Assert.Throws<KdException>(() => new TestRun(1, clip: clip)).Message);

    [Fact]
    public void A_task_loss_that_is_no_number_stops_before_the_weights_change()
    {
        using var run = new TestRun(1);
        run.StudentTrainer.Step(batch, teacher, At(0));
        var before = Weights(run);
        var error = Assert.Throws<DivergedException>(
            () => run.StudentTrainer.Step(Tiny.Batch(images * float.NaN, labels), teacher, At(13)));
        Assert.Equal(("task", 14, null), (error.Term, error.Step, error.Checkpoint));
        Assert.Contains("run 1: the loss term 'task' is NaN at step 14 (epoch 2)", error.Message);
        Assert.Contains("The last good checkpoint is none, for no epoch was finished.", error.Message);
        Assert.Equal(before, Weights(run));
    }

    [Fact]
    public void A_feature_loss_that_is_infinite_is_named_with_the_last_checkpoint()
    {
        using var run = new TestRun(1, TestRun.Feature);
        run.Log.LastCheckpoint = "/runs/a/last.safetensors";
        var before = run.StudentTrainer.Distiller.Parameters().Select(Bytes).ToList();
        teacher["body"] = torch.full([8, 6, 4, 5], 1e30);
        var error = Assert.Throws<DivergedException>(() => run.StudentTrainer.Step(batch, teacher, At(0)));
        Assert.Contains("'body mlp-1 l2' is ∞ at step 1 (epoch 1)", error.Message.Replace("Infinity", "∞"));
        Assert.Contains("The last good checkpoint is /runs/a/last.safetensors. Lower the learning rate", error.Message);
        Assert.Equal("/runs/a/last.safetensors", error.Checkpoint);
        Assert.Equal(before, run.StudentTrainer.Distiller.Parameters().Select(Bytes));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1.0)]
    public void A_gradient_that_is_no_number_is_found_in_its_own_step(double? clip)
    {
        using var run = new TestRun(1, clip: clip, student: new Cliff());
        var before = Weights(run);
        var error = Assert.Throws<DivergedException>(() => run.StudentTrainer.Step(batch, teacher, At(0)));
        Assert.Equal((DivergedException.Gradient, 1), (error.Term, error.Step));
        Assert.Contains("run 1: the gradient's norm is", error.Message);
        Assert.Equal(before, Weights(run));
    }

    [Fact]
    public void A_step_draws_from_its_own_random_state()
    {
        using var first = new TestRun(1);
        using var second = new TestRun(1);
        first.StudentTrainer.Step(batch, teacher, At(0));
        torch.randn(100); // whatever else draws between the steps
        first.StudentTrainer.Step(batch, teacher, At(1));
        second.StudentTrainer.Step(batch, teacher, At(0));
        second.StudentTrainer.Step(batch, teacher, At(1));
        Assert.Equal(first.Fingerprint, second.Fingerprint);
        using var other = new TestRun(1);
        Seed.Set(2);
        using var drawn = new StudentTrainer(
            other.Distiller, Tiny.Task, new StudentTrainerOptions("", new Sgd(), new Cosine()), other.Log,
            torch.CPU); // another state
        drawn.Step(batch, teacher, At(0));
        drawn.Step(batch, teacher, At(1));
        Assert.NotEqual(first.Fingerprint, other.Fingerprint); // so dropout does decide something
    }

    [Fact]
    public void A_student_is_put_in_training_mode_and_channels_last()
    {
        using var run = new TestRun(1);
        run.Student.eval();
        run.StudentTrainer.Step(batch, teacher, At(0));
        Assert.True(run.Student.training);
        using var deep = new TestRun(1, student: Sequential(
            ("body", Conv2d(1, 4, 3, padding: 1)), ("next", Conv2d(4, 4, 3)), ("flat", Flatten()),
            ("fc", Linear(24, 3))));
        Assert.Equal([36, 1, 12, 4], deep.Student.get_parameter("next.weight")!.stride());
    }

    [Fact]
    public void No_tensor_outlives_its_step()
    {
        using var run = new TestRun(1, TestRun.Feature, new LogitConnection(new KdLoss(), 1), clip: 1);
        var live = Enumerable.Range(0, 22).Select(step =>
        {
            run.StudentTrainer.Step(batch, teacher, At(step));
            return Tiny.LiveTensors;
        }).ToList();
        Assert.Single(live.Skip(2).Distinct()); // the first steps make gradients and momenta
    }

    private static Position At(int step) => new((step / 10) + 1, step, 100, 10);

    private static IReadOnlyDictionary<string, double> Means(TestRun run, Position at)
    {
        run.StudentTrainer.EndEpoch(at, new Score(0, 0));
        return run.Log.Epochs[^1].Losses;
    }

    private static float[] Weights(TestRun run) =>
        [.. run.Distiller.Parameters().SelectMany(weight => weight.Numbers())];

    private static string Bytes(Parameter weight) => Convert.ToHexString(weight.detach().contiguous().bytes.ToArray());

    /// <summary>A finite output with a gradient that is not: sqrt at 0.</summary>
    private sealed class Cliff : Module<Tensor, Tensor>
    {
        private readonly Parameter weight = new(torch.zeros(3));

        public Cliff() : base(nameof(Cliff)) => RegisterComponents();

        public override Tensor forward(Tensor input) => weight.sqrt().expand(input.shape[0], 3);
    }
}
