using KdNotebooks.Data;
using KdNotebooks.Models;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tests.Data;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Tasks.Classification;

public sealed class ClassificationTaskTests : IDisposable
{
    private static readonly float[] Mean = [0], Std = [1];

    // An image is 1x1x3: its pixels are the logits of its classes.
    private static readonly byte[] Pixels =
    [
        255, 0, 51,
        0, 102, 51,
        0, 51, 204,
        153, 0, 51,
        0, 51, 0,
    ];

    private static readonly byte[] Labels = [0, 1, 0, 2, 1];

    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void The_loss_is_the_mean_cross_entropy()
    {
        var logits = torch.tensor(new[,] { { 1.0, 2, 3 }, { 0, -1, 5 } }).requires_grad_(true);
        var labels = torch.tensor(new long[] { 2, 0 });
        var loss = ClassificationTask.Loss(logits, labels);
        Assert.Empty(loss.shape);
        var expected = (CrossEntropy([1, 2, 3], 2) + CrossEntropy([0, -1, 5], 0)) / 2;
        Assert.Equal(expected, loss.ToDouble(), 1e-12);
        loss.backward();
        var gradient = (functional.softmax(logits.detach(), 1) - functional.one_hot(labels, 3)) / 2;
        TensorAssert.Near(gradient, logits.grad!, 1e-12);
    }

    // Right: images 0, 1 and 4; image 2 takes class 2 for 0, image 3 takes class 0 for 2.
    [Fact]
    public void Evaluation_counts_what_is_right()
    {
        var score = Evaluate(Small(), new Reader()).Single();
        Assert.Equal(60, score.Headline.Value, 1e-12);
        var losses = Labels.Select((label, i) => CrossEntropy(Logits(i), label));
        Assert.Equal(losses.Average(), score.Loss, 1e-6);
    }

    [Fact]
    public void A_score_says_how_often_each_class_was_taken_for_each()
    {
        var score = Evaluate(Small(), new Reader()).Single();
        var confusion = score.Confusion!;
        Assert.Equal(Samples.Classes, confusion.ClassNames);
        long[,] expected = { { 1, 0, 1 }, { 0, 2, 0 }, { 1, 0, 0 } };
        Assert.Equal(
            expected.Cast<long>(),
            Enumerable.Range(0, 9).Select(i => confusion[i / 3, i % 3]));
        Assert.Equal([50.0, 100, 0], score.Classes);
        Assert.Equal(confusion.Accuracy, score.Headline.Value);
        Assert.Equal((MetricKind.Unsaid, score.Headline.Value), (score.Headline.Name, score[MetricKind.Unsaid]));
        // A class without an image has no share.
        Assert.True(double.IsNaN(Evaluate(Set([255, 0, 0], [0]), new Reader()).Single().Classes[1]));
    }

    [Fact]
    public void A_prediction_is_the_most_likely_class_with_its_probability()
    {
        var task = Task(Small(), Mean, Std);
        var predictions = Evaluation.Run(
            task, [Network.Of(new Reader())], new EvaluationRequest("validation", KeepPredictions: true), torch.CPU,
            TestContext.Current.CancellationToken).Single().Predictions.Cast<ClassPrediction>().ToList();
        Assert.Equal([0, 1, 2, 0, 1], predictions.Select(prediction => prediction.Class));
        Assert.All(predictions.Index(), one => Assert.Equal(
            Math.Exp(-CrossEntropy(Logits(one.Index), one.Item.Class)), one.Item.Confidence, 1e-6));
    }

    [Fact]
    public void Its_loss_is_one_term_and_its_rows_are_the_logits()
    {
        ITask task = Task(Small(), Mean, Std);
        var (logits, teacher) = (Wave.Single(2, 3), Wave.Single(2, 3) + 1);
        var targets = new ClassTargets(torch.tensor(new long[] { 2, 0 }));
        var term = Assert.Single(task.Loss(new ModelOutput(logits), targets));
        Assert.Equal("task", term.Name);
        TensorAssert.Same(ClassificationTask.Loss(logits, targets.Labels), term.Value);
        var rows = task.Rows(new ModelOutput(logits), teacher, targets)!;
        Assert.Equal((logits, teacher, targets.Labels), (rows.Student, rows.Teacher, rows.Labels));
    }

    [Fact]
    public void A_blank_batch_has_the_tasks_shapes()
    {
        var task = new ClassificationTask(Task(Small(), Mean, Std).Data, new PaddedCrop());
        var batch = task.Blank(2);
        Assert.Equal([1, 1, 3], task.Image);
        Assert.Equal([2, 1, 1, 3], batch.Images.shape);
        Assert.Equal([2], Assert.IsType<ClassTargets>(batch.Targets).Labels.shape);
        Assert.Equal([new ImageSize(1, 3), new ImageSize(1, 3)], batch.Sizes);
        Assert.Equal((3, 100.0 / 3), (task.Outputs, task.Chance));
    }

    // Any augmentation goes with any task: the class stays with its image.
    [Fact]
    public void Color_images_are_cropped_and_resized_like_those_with_label_maps()
    {
        var set = Samples.Images(6, channels: 3, height: 9, width: 8);
        var task = new ClassificationTask(
            new Dataset("tiny", set, set, null, [0, 0, 0], [1, 1, 1]), new ResizedCrop(5, 6));
        Assert.Equal([3, 5, 6], task.Image);
        var batch = new BatchLoader(set, 6, 1, task.Augmentation)
            .Epoch(1, TestContext.Current.CancellationToken).Single();
        var tensors = batch.On([0, 0, 0], [1, 1, 1], torch.CPU);
        Assert.Equal([6, 3, 5, 6], tensors.Images.shape);
        Assert.Equal(
            batch.Keys.Indices.Select(index => (long)set.Labels.Span[index]),
            ((ClassTargets)tensors.Targets).Labels.data<long>());
    }

    [Fact]
    public void What_another_network_or_another_dataset_gives_is_refused_by_name()
    {
        ITask task = Task(Small(), Mean, Std);
        Assert.Equal(
            "ClassificationTask: the network gives Other; expected ModelOutput. Choose a model that "
            + "is made for this task.",
            Assert.Throws<KdException>(() => task.Loss(new Other(), new ClassTargets(torch.zeros(1)))).Message);
        Assert.Equal(
            "ClassificationTask: the targets are NoTargets; expected ClassTargets, as the dataset 'tiny' should give.",
            Assert.Throws<KdException>(() => task.Loss(new ModelOutput(torch.zeros(1)), new NoTargets(1))).Message);
    }

    [Fact]
    public void It_summarizes_how_many_images_each_class_has()
    {
        var summary = Task(Small(), Mean, Std).Summarize(TestContext.Current.CancellationToken);
        Assert.Empty(summary.Notes);
        Assert.Equal(["class", "train", "validation"], summary.Classes.Columns.Select(column => column.Name));
        Assert.Equal([2, 2, 1], summary.Classes.Columns[1].Cast<int>());
    }

    [Fact]
    public void The_last_incomplete_batch_counts_by_its_images()
    {
        // 250 images are a batch; the three behind it are the only ones that are wrong.
        var (pixels, labels) = (new byte[253 * 3], new byte[253]);
        for (var i = 0; i < 253; i++)
        {
            pixels[3 * i] = 255;
            labels[i] = (byte)(i < 250 ? 0 : 1);
        }

        var score = Evaluate(Set(pixels, labels), new Reader()).Single();

        Assert.Equal(100.0 * 250 / 253, score.Headline.Value, 1e-12);
        var expected = ((250 * CrossEntropy([1, 0, 0], 0)) + (3 * CrossEntropy([1, 0, 0], 1))) / 253;
        Assert.Equal(expected, score.Loss, 1e-6);
    }

    [Fact]
    public void Pixels_are_normalized_with_the_means_and_deviations_given()
    {
        var scores = Evaluation.Scores(
            Task(Small(), [0.5f], [0.1f]), [Network.Of(new Reader())], "validation", torch.CPU,
            TestContext.Current.CancellationToken);
        var losses = Labels.Select(
            (label, i) => CrossEntropy([.. Logits(i).Select(logit => (logit - 0.5) / 0.1)], label));
        Assert.Equal(losses.Average(), scores.Single().Loss, 1e-5);
    }

    [Fact]
    public void Several_models_in_one_pass_score_as_one_at_a_time()
    {
        var models = new Module<Tensor, Tensor>[] { Net(1), Net(2), Net(3) };
        var set = Samples.Images(300, height: 8, width: 8);
        Assert.Equal(models.Select(model => Evaluate(set, model).Single()), Evaluate(set, models));
        Assert.Equal(3, Evaluate(set, models).Distinct().Count());
    }

    [Fact]
    public void Models_are_put_in_evaluation_mode_and_change_nothing()
    {
        var (model, dropout) = (Net(1), Sequential(new Reader(), Dropout(0.9)));
        var before = model.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.clone());
        Evaluate(Samples.Images(8, height: 8, width: 8), model);
        Assert.False(model.training);
        Assert.All(before, entry => TensorAssert.Same(entry.Value, model.state_dict()[entry.Key]));
        Assert.Equal(60, Evaluate(Small(), dropout).Single().Headline.Value, 1e-12);
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        var statistics = DisposeScopeManager.Statistics;
        var (model, set) = (Net(1), Samples.Images(300, height: 8, width: 8));
        var before = statistics.ThreadTotalLiveCount;
        Evaluate(set, model);
        Assert.Equal(before, statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_model_can_be_trained_afterwards()
    {
        var model = Net(1);
        Evaluate(Samples.Images(8, height: 8, width: 8), model);
        model.call(Wave.Single(2, 1, 8, 8)).sum().backward();
        Assert.All(model.parameters(), parameter => Assert.NotNull(parameter.grad));
    }

    [Fact]
    public void It_can_be_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(
            () => Evaluation.Scores(
                Task(Small(), Mean, Std), [Network.Of(new Reader())], "validation", torch.CPU, cancel.Token));
    }

    private static IReadOnlyList<Score> Evaluate(ImageSet set, params Module<Tensor, Tensor>[] models) =>
        Evaluation.Scores(
            Task(set, Mean, Std), [.. models.Select(Network.Of)], "validation", torch.CPU,
            TestContext.Current.CancellationToken);

    private static ClassificationTask Task(ImageSet set, float[] mean, float[] std) =>
        new(new Dataset("tiny", set, set, null, mean, std), PaddedCrop.None);

    private static ImageSet Small() => Set(Pixels, Labels);

    private static ImageSet Set(byte[] pixels, byte[] labels) =>
        new("tiny", 1, 1, 3, pixels, labels, Samples.Classes);

    private static double[] Logits(int image) => [.. Pixels.Skip(3 * image).Take(3).Select(pixel => pixel / 255.0)];

    private static double CrossEntropy(double[] logits, int label) => Math.Log(logits.Sum(Math.Exp)) - logits[label];

    private static ResNet Net(double start)
    {
        var model = Wave.Fill(new ResNet(8, 2, 1, 3));
        using var noGrad = torch.no_grad();
        using var wave = Wave.Of([3, 8], 1.7, start);
        model.get_parameter("fc.weight")!.copy_(wave);
        return model;
    }

    private sealed record Other : IOutputs;

    /// <summary>Reads the logits off the image.</summary>
    private sealed class Reader() : Module<Tensor, Tensor>(nameof(Reader))
    {
        public override Tensor forward(Tensor images) => images.flatten(1);
    }
}
