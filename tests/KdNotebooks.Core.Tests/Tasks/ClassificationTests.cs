using KdNotebooks.Data;
using KdNotebooks.Models;
using KdNotebooks.Tasks;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Tasks;

public sealed class ClassificationTests : IDisposable
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
        var loss = Classification.Loss(logits, labels);
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
        var scores = Classification.Evaluate(
            [new Reader()], Small(), [0.5f], [0.1f], torch.CPU, TestContext.Current.CancellationToken);
        var losses = Labels.Select(
            (label, i) => CrossEntropy([.. Logits(i).Select(logit => (logit - 0.5) / 0.1)], label));
        Assert.Equal(losses.Average(), scores.Single().Loss, 1e-5);
    }

    [Fact]
    public void Several_models_in_one_pass_score_as_one_at_a_time()
    {
        var models = new Module<Tensor, Tensor>[] { Network(1), Network(2), Network(3) };
        var set = Data.Samples.Images(300, height: 8, width: 8);
        Assert.Equal(models.Select(model => Evaluate(set, model).Single()), Evaluate(set, models));
        Assert.Equal(3, Evaluate(set, models).Distinct().Count());
    }

    [Fact]
    public void Models_are_put_in_evaluation_mode_and_change_nothing()
    {
        var (model, dropout) = (Network(1), Sequential(new Reader(), Dropout(0.9)));
        var before = model.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.clone());
        Evaluate(Data.Samples.Images(8, height: 8, width: 8), model);
        Assert.False(model.training);
        Assert.All(before, entry => TensorAssert.Same(entry.Value, model.state_dict()[entry.Key]));
        Assert.Equal(60, Evaluate(Small(), dropout).Single().Headline.Value, 1e-12);
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        var statistics = DisposeScopeManager.Statistics;
        var (model, set) = (Network(1), Data.Samples.Images(300, height: 8, width: 8));
        var before = statistics.ThreadTotalLiveCount;
        Evaluate(set, model);
        Assert.Equal(before, statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_model_can_be_trained_afterwards()
    {
        var model = Network(1);
        Evaluate(Data.Samples.Images(8, height: 8, width: 8), model);
        model.call(Wave.Single(2, 1, 8, 8)).sum().backward();
        Assert.All(model.parameters(), parameter => Assert.NotNull(parameter.grad));
    }

    [Fact]
    public void It_can_be_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(
            () => Classification.Evaluate([new Reader()], Small(), Mean, Std, torch.CPU, cancel.Token));
    }

    private static IReadOnlyList<Score> Evaluate(ImageSet set, params Module<Tensor, Tensor>[] models) =>
        Classification.Evaluate(models, set, Mean, Std, torch.CPU, TestContext.Current.CancellationToken);

    private static ImageSet Small() => Set(Pixels, Labels);

    private static ImageSet Set(byte[] pixels, byte[] labels) =>
        new("tiny", 1, 1, 3, pixels, labels, Data.Samples.Classes);

    private static double[] Logits(int image) => [.. Pixels.Skip(3 * image).Take(3).Select(pixel => pixel / 255.0)];

    private static double CrossEntropy(double[] logits, int label) => Math.Log(logits.Sum(Math.Exp)) - logits[label];

    private static ResNet Network(double start)
    {
        var model = Wave.Fill(new ResNet(8, 2, 1, 3));
        using var noGrad = torch.no_grad();
        using var wave = Wave.Of([3, 8], 1.7, start);
        model.get_parameter("fc.weight")!.copy_(wave);
        return model;
    }

    /// <summary>Reads the logits off the image.</summary>
    private sealed class Reader() : Module<Tensor, Tensor>(nameof(Reader))
    {
        public override Tensor forward(Tensor images) => images.flatten(1);
    }
}
