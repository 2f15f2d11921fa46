using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Native;
using KdNotebooks.Recipes;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Teachers;

namespace KdNotebooks.Tests.Runs;

[Collection(TorchState.Name)]
public sealed class AlphaProbeTests
{
    private static readonly Recipe Mean = Trials.Distilled("mean", new ChannelMlp());

    private static readonly Recipe Sum = Mean with
    {
        Method = "sum",
        Connections = [Mean.Connections[0] with { Loss = new L2Loss(KdNotebooks.Losses.Reduction.SumPerBatch) }],
    };

    [Fact]
    public void At_the_first_weights_it_is_what_the_first_batch_gives()
    {
        var term = Assert.Single(Measure([Mean], steps: 0, batches: 1).Terms);

        using var scope = torch.NewDisposeScope();
        var data = KnownDatasets.Open(Mean.Data);
        var pixels = new BatchLoader(data.Train, 32, Mean.Seed, Mean.Augmentation, dropLast: true).Epoch(
            1, TestContext.Current.CancellationToken).First();
        var batch = pixels.On(data.Mean, data.Std, torch.CPU);
        using var teacher = new LiveTeacher(TrainedModel.Load("fashion-teacher").Build(), ["layer3"], 1, 28, 28);
        Seed.Set(Mean.Seed);
        var student = (nn.Module<Tensor, Tensor>)Mean.Student.Build(1, 10);
        var aligner = new ChannelMlp().Build(32, 96);
        using var taps = new TapSet(student, ["layer3"]);
        var task = nn.functional.cross_entropy(student.call(batch.Images), ((ClassTargets)batch.Targets).Labels);
        var difference = aligner.call(taps["layer3"]) - teacher.Features(batch)["layer3"];
        var feature = difference.square().mean();
        Assert.Equal(task.item<float>(), term.TaskLoss, 1e-5);
        Assert.Equal(feature.item<float>(), term.Loss, 1e-5);

        // All but the classifier lies before the tap.
        var shared = student.named_parameters().Where(entry => !entry.name.StartsWith("fc", StringComparison.Ordinal))
            .Select(entry => entry.parameter).ToList();
        double[] Gradient(Tensor loss)
        {
            student.zero_grad();
            loss.backward(retain_graph: true);
            return [.. shared.SelectMany(parameter => parameter.grad!.flatten().to(torch.float64).data<double>())];
        }

        var (a, b) = (Gradient(task), Gradient(feature));
        double Dot(double[] x, double[] y) => x.Zip(y, (p, q) => p * q).Sum();
        Assert.Equal(Math.Sqrt(Dot(a, a)), term.TaskGradient, 1e-4 * term.TaskGradient);
        Assert.Equal(Math.Sqrt(Dot(b, b)), term.Gradient, 1e-4 * term.Gradient);
        Assert.Equal(Dot(a, b) / Math.Sqrt(Dot(a, a) * Dot(b, b)), term.Cosine, 1e-4);
    }

    // C H W of the teacher's layer3: alpha belongs to the reduction, and so does the suggestion.
    [Fact]
    public void Another_reduction_scales_the_suggestion_and_changes_nothing_else()
    {
        var terms = Measure([Mean, Sum], steps: 3, batches: 1).Terms;
        Assert.Equal(["mean", "sum"], terms.Select(term => term.Method));
        Assert.Equal(terms[0].Gradient * 96 * 7 * 7, terms[1].Gradient, 1e-2 * terms[1].Gradient);
        Assert.Equal(terms[0].TaskGradient, terms[1].TaskGradient, 1e-6);
    }

    [Fact]
    public void The_weights_of_the_recipes_do_not_matter()
    {
        var other = Mean with { Connections = [Mean.Connections[0] with { Alpha = 77, WarmUp = 5 }] };
        Assert.Equal(Measure([Mean], 2, 1).Terms, Measure([other], 2, 1).Terms);
        var review = Trials.Reviewed("review");
        var otherwise = review with { Fused = review.Fused! with { Alpha = 77, WarmUp = 5 } };
        Assert.Equal(Measure([review], 2, 1).Terms, Measure([otherwise], 2, 1).Terms);
    }

    // Beside a tenth of the task a term shall pull with a tenth.
    [Fact]
    public void The_weight_of_the_task_matters()
    {
        var (whole, tenth) = (Measure([Mean], 0, 1).Terms[0], Measure([Mean with { TaskWeight = 0.1 }], 0, 1).Terms[0]);
        Assert.Equal(whole.TaskGradient / 10, tenth.TaskGradient, 1e-5 * whole.TaskGradient);
        Assert.Equal(whole.Gradient, tenth.Gradient);
        Assert.Contains("does not pull", Measure([Mean with { TaskWeight = 0 }], 0, 1).Terms[0].Reason);
    }

    [Fact]
    public void A_term_that_cannot_teach_gets_no_weight_beside_others_that_can()
    {
        var nst = Mean with
        {
            Method = "nst",
            Connections = [new("avgpool", "avgpool", new Identity(), new NstLoss(), 1)],
        };
        var terms = Measure([nst, Mean], 2, 1).Terms;
        Assert.True(double.IsNaN(terms[0].Suggested));
        Assert.Contains("'avgpool nst' cannot teach", terms[0].Reason);
        Assert.True(terms[1].Suggested > 0);
    }

    [Fact]
    public void A_frozen_part_has_no_gradient_to_weigh()
    {
        var rules = new KdNotebooks.Training.ParameterRules(["conv1", "bn1", "layer1"]);
        var free = Measure([Mean], 0, 1).Terms[0];
        var frozen = Measure([Mean with { Parameters = rules }], 0, 1).Terms[0];
        Assert.InRange(frozen.TaskGradient, 0.1 * free.TaskGradient, 0.99 * free.TaskGradient);
    }

    [Fact]
    public void Each_term_of_a_recipe_is_measured_and_they_share_the_pull()
    {
        var both = Mean with { Logits = new LogitConnection(new KdLoss(), 9) };
        var terms = Measure([both], 1, 1).Terms;
        Assert.Equal(["layer3 mlp-1 l2", "logits kd"], terms.Select(term => term.Term));
        Assert.All(terms, term => Assert.Equal(2, term.Terms));
        Assert.True(terms[1].TaskGradient > terms[0].TaskGradient); // the logits share the classifier, too
    }

    [Fact]
    public void Seeds_are_cohorts_of_their_own_in_the_order_of_the_recipes()
    {
        var second = Mean with { Method = "second", Seed = 2 };
        var together = Measure([second, Mean], 1, 1).Terms;
        Assert.Equal(["second", "mean"], together.Select(term => term.Method));
        Assert.Equal(Measure([Mean], 1, 1).Terms[0], together[1]);
    }

    // A mask is drawn each step.
    [Fact]
    public void What_another_recipe_draws_changes_nothing()
    {
        var masked = Trials.Distilled("masked", new MaskedGenerative());
        var terms = Measure([masked, masked with { Method = "too" }], 3, 1).Terms;
        Assert.Equal(Measure([masked], 3, 1).Terms[0], terms[0]);
        Assert.Equal(terms[0] with { Method = "too" }, terms[1]);
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        Measure([Mean], 1, 1);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Measure([Mean], 3, 2);
        // What a disposed Conv2d of TorchSharp leaves to the garbage collector does not grow with the steps.
        var once = DisposeScopeManager.Statistics.ThreadTotalLiveCount - before;
        Measure([Mean], 1, 1);
        Assert.Equal(once, DisposeScopeManager.Statistics.ThreadTotalLiveCount - before - once);
    }

    [Fact]
    public void What_cannot_be_measured_is_refused()
    {
        Assert.Contains("'none': it holds its student to no teacher",
            Assert.Throws<KdException>(() => Measure([Trials.Alone()], 1, 1)).Message);
        Assert.Contains("-1 steps and 8 batches; expected at least 0 and 1",
            Assert.Throws<KdException>(() => Measure([Mean], -1, 8)).Message);
        Assert.Contains("expected at least 0 and 1", Assert.Throws<KdException>(() => Measure([Mean], 1, 0)).Message);
    }

    private static AlphaReport Measure(Recipe[] recipes, int steps, int batches) => AlphaProbe.Measure(
        recipes, new AlphaOptions(steps, batches),
        RunContext.Default with { Cancellation = TestContext.Current.CancellationToken });
}
