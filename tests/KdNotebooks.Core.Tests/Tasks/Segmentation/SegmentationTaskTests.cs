using KdNotebooks.Data;
using KdNotebooks.Models;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Tasks.Segmentation;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Tasks.Segmentation;

public sealed class SegmentationTaskTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    // Class 3 is neither a label nor predicted by model 0; model 1 predicts it, wrongly.
    [Theory]
    [InlineData(0, -50)]
    [InlineData(1, 0.5)]
    public void The_score_is_that_of_every_labelled_pixel_by_itself(int start, double absent)
    {
        Sample[] samples = [.. Mixed(9)];
        using var model = Model(start, absent);

        var score = Score(Task(samples), model);

        var expected = Plain(samples, model);
        Assert.Equal(["mIoU", "pixel accuracy"], score.Metrics.Select(metric => metric.Name));
        Assert.Equal(100 * expected.Iou.Where(iou => !double.IsNaN(iou)).Average(), score.Headline.Value, 1e-9);
        Assert.Equal(100 * expected.Right, score["pixel accuracy"], 1e-9);
        Assert.Equal(expected.Loss, score.Loss, 1e-5);
        Assert.Equal(expected.Iou.Select(iou => 100 * iou), score.Classes, new Close());
        Assert.Equal(absent < 0, double.IsNaN(score.Classes[3]));
    }

    [Fact]
    public void Windows_score_what_their_averaged_logits_give()
    {
        Sample[] samples = [.. Mixed(4)];
        var window = new SlidingWindow(4, 5, 3, 2);
        using var model = Model(2, 0, kernel: 3);

        var score = Score(Task(samples, window), model);

        var expected = Plain(samples, model, images => window.Logits(model.call, images));
        Assert.Equal(100 * expected.Right, score["pixel accuracy"], 1e-9);
        Assert.Equal(expected.Loss, score.Loss, 1e-5);
        Assert.NotEqual(Score(Task(samples), model), score);
    }

    // 70 images of one size are three batches, one of which is not full.
    [Fact]
    public void How_images_come_together_in_batches_changes_nothing()
    {
        var samples = Enumerable.Range(0, 70).Select(i => LabelMapSamples.Sample(i, 5, 4, 0, 1, 2, 255)).ToArray();
        using var model = Model(1, 0);

        var (forward, backward) = (Score(Task(samples), model), Score(Task([.. samples.Reverse()]), model));
        var mixed = Score(Task([.. samples.Zip(Mixed(70)).SelectMany(p => new[] { p.First, p.Second })]), model);

        Assert.Equal(forward.Metrics, backward.Metrics);
        Assert.Equal(forward.Classes, backward.Classes);
        Assert.Equal(forward.Loss, backward.Loss, 1e-6);
        var expected = Plain([.. samples.Concat(Mixed(70))], model);
        Assert.Equal(100 * expected.Right, mixed["pixel accuracy"], 1e-9);
        Assert.Equal(expected.Loss, mixed.Loss, 1e-5);
    }

    [Fact]
    public void Several_models_in_one_pass_score_as_one_at_a_time()
    {
        var task = Task([.. Mixed(12)]);
        Module<Tensor, Tensor>[] models = [Model(0, -50), Model(1, 0.5), Model(2, 0, kernel: 3)];

        var together = Evaluation.Scores(
            task, [.. models.Select(Network.Of)], "validation", torch.CPU, TestContext.Current.CancellationToken);

        Assert.Equal(models.Select(model => Score(task, model)), together);
        Assert.Distinct(together);
        Array.ForEach(models, model => model.Dispose());
    }

    [Fact]
    public void Each_split_is_measured_on_its_own_images_and_a_missing_one_is_named()
    {
        Sample[] samples = [.. Mixed(2)];
        var data = new Dataset(
            "tiny", LabelMapSamples.Set("train", samples[0]), LabelMapSamples.Set("val", samples[1]), null, [0, 0, 0],
            [1, 1, 1]);
        var task = new SegmentationTask(data, ResizedCrop.None);
        using var model = Model(1, 0);

        Assert.NotEqual(Score(task, model, "train"), Score(task, model, "validation"));
        Assert.Contains(
            "tiny: there is no labeled split 'test'; expected 'validation' or 'train'.",
            Assert.Throws<KdException>(() => Score(task, model, "test")).Message);
        Assert.Contains(
            "Split 'val' is not known; expected 'test', 'validation' or 'train'.",
            Assert.Throws<KdException>(() => Score(task, model, "val")).Message);
    }

    [Fact]
    public void A_label_that_is_no_class_is_named()
    {
        var set = new Unchecked(LabelMapSamples.Sample(1, 3, 3, 0, 1), LabelMapSamples.Sample(2, 3, 3, 9));
        var task = new SegmentationTask(new Dataset("own", set, set, null, [0, 0, 0], [1, 1, 1]), ResizedCrop.None);

        var error = Assert.Throws<KdException>(() => Score(task, Model(1, 0)));

        Assert.Contains("label 9", error.Message);
        Assert.Contains("expected 0 to 3", error.Message);
    }

    [Fact]
    public void Cancelled_it_stops_at_the_next_model()
    {
        using var cancel = new CancellationTokenSource();
        var calls = 0;
        using var model = new Watched(Model(1, 0), () =>
        {
            if (++calls == 2)
            {
                cancel.Cancel();
            }
        });

        Assert.ThrowsAny<OperationCanceledException>(() =>
            Evaluation.Scores(
                Task([.. Mixed(90)]), [Network.Of(model), Network.Of(model), Network.Of(model)], "validation",
                torch.CPU, cancel.Token));

        Assert.Equal(2, calls);
    }

    [Fact]
    public void Models_are_put_in_evaluation_mode_and_no_tensor_is_left_behind()
    {
        var task = Task([.. Mixed(40)]);
        using var model = Sequential(Model(1, 0), Dropout(0.9));
        var score = Score(task, model);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Assert.Equal(score, Score(task, model)); // with dropout no two would be alike

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.False(model.training);
    }

    [Fact]
    public void The_image_is_the_crop_s_and_without_one_the_first_image_s()
    {
        var data = LabelMapSamples.Data(LabelMapSamples.Sample(1, 6, 7, 0));

        Assert.Equal([3, 6, 7], new SegmentationTask(data, ResizedCrop.None).Image);
        Assert.Equal([3, 4, 7], new SegmentationTask(data, new ResizedCrop(4)).Image);
        Assert.Equal([3, 4, 5], new SegmentationTask(data, new ResizedCrop(4, 5)).Image);
        var blank = new SegmentationTask(data, new ResizedCrop(4, 5)).Blank(2);
        Assert.Equal([2, 3, 4, 5], blank.Images.shape);
        Assert.Equal([2, 4, 5], ((LabelMaps)blank.Targets).Labels.shape);
    }

    [Fact]
    public void A_score_says_how_often_each_class_was_taken_for_each()
    {
        Sample[] samples = [.. Mixed(9)];
        using var model = Model(1, 0.5);

        var score = Score(Task(samples), model);

        var (pairs, confusion) = (Pixels(samples, model.call), score.Confusion!);
        Assert.Equal(LabelMapSamples.Table.ClassNames, confusion.ClassNames);
        Assert.All(Enumerable.Range(0, 16), i => Assert.Equal(
            pairs.Count(pair => (pair.Truth, pair.Guess) == (i / 4, i % 4)), confusion[i / 4, i % 4]));
        Assert.Equal(score["pixel accuracy"], confusion.Accuracy, 1e-9);
        Assert.Equal(4, score.Classes.Count);
    }

    [Fact]
    public void A_prediction_is_a_label_map_with_its_own_mean_IoU()
    {
        Sample[] samples = [.. Mixed(3), LabelMapSamples.Sample(9, 4, 5, 255)];
        using var model = Model(1, 0.5);

        var predictions = Evaluation.Run(
            Task(samples), [Network.Of(model)], new EvaluationRequest("validation", KeepPredictions: true), torch.CPU,
            TestContext.Current.CancellationToken).Single().Predictions.Cast<LabelMapPrediction>().ToList();

        Assert.Equal(samples.Select(sample => (int)sample.Size.Pixels), predictions.Select(one => one.Labels.Length));
        foreach (var (sample, prediction) in samples.Take(3).Zip(predictions))
        {
            Assert.Equal(Score(Task([sample]), model).Headline.Value, prediction.MeanIou, 1e-9);
            var labels = LabelMap.Of(sample).Labels;
            Assert.Equal(
                Pixels([sample], model.call).Select(pair => (byte)pair.Guess),
                prediction.Labels.Where((_, i) => labels[i] != 255));
        }

        Assert.True(double.IsNaN(predictions[3].MeanIou));
    }

    [Fact]
    public void Rows_are_the_logits_of_labeled_pixels()
    {
        ITask task = Task([.. Mixed(1)]);
        var (student, teacher) = (Wave.Single(2, 4, 1, 3), Wave.Single(2, 4, 1, 3) + 1);
        var labels = torch.tensor(new long[] { 0, 255, 3, 255, 1, 255 }, [2, 1, 3]);

        var rows = task.Rows(new ModelOutput(student), teacher, new LabelMaps(labels))!;

        Assert.Equal([0, 3, 1], rows.Labels.data<long>());
        var kept = new[] { student[0, .., 0, 0], student[0, .., 0, 2], student[1, .., 0, 1] };
        TensorAssert.Same(torch.stack(kept), rows.Student);
        TensorAssert.Same(torch.stack(kept) + 1, rows.Teacher);
    }

    [Fact]
    public void It_summarizes_pixels_and_images_of_each_class()
    {
        var data = LabelMapSamples.Data(
            LabelMap.Sample("a", 1, 4, new byte[12], [0, 0, 1, 255]),
            LabelMap.Sample("b", 1, 4, new byte[12], [0, 1, 2, 2]));

        var summary = new SegmentationTask(data, ResizedCrop.None).Summarize(TestContext.Current.CancellationToken);

        Assert.Equal(
            ["class", "train: % of pixels", "train: in images"],
            summary.Classes.Columns.Take(3).Select(column => column.Name));
        Assert.Equal([42.86, 28.57, 28.57, 0], summary.Classes.Columns[1].Cast<double>());
        Assert.Equal([2, 2, 1, 0], summary.Classes.Columns[2].Cast<int>());
        Assert.Equal("train: 2 images counted, 12.5 % of the pixels are ignored", summary.Notes[0]);
    }

    // One class everywhere has at most its own IoU, a quarter of the mean.
    [Fact]
    public void Guessing_one_class_does_not_beat_chance()
    {
        var task = Task([LabelMapSamples.Sample(1, 1, 4, 0, 1, 2, 3), LabelMapSamples.Sample(2, 8, 8, 0)]);
        using var constant = Model(0, -50);
        using (torch.no_grad())
        {
            constant.get_parameter("weight")!.zero_();
        }

        Assert.Equal(25, task.Chance);
        Assert.True(Score(task, constant).Headline.Value <= task.Chance);
    }

    private static IEnumerable<Sample> Mixed(int count) => Enumerable.Range(0, count).Select(i =>
        LabelMapSamples.Sample(100 + i, 4 + (i % 3), 5 + (i % 2), 0, 1, 2, 255));

    private static SegmentationTask Task(Sample[] samples, SlidingWindow? window = null) =>
        new(LabelMapSamples.Data(samples), ResizedCrop.None, new SegmentationSpec(Window: window));

    private static Score Score(SegmentationTask task, Module<Tensor, Tensor> model, string split = "validation") =>
        Evaluation.Scores(task, [Network.Of(model)], split, torch.CPU, TestContext.Current.CancellationToken).Single();

    private static Module<Tensor, Tensor> Model(int start, double absent, int kernel = 1)
    {
        var model = Conv2d(3, 4, kernel, padding: kernel / 2);
        using var noGrad = torch.no_grad();
        using var wave = Wave.Of(model.weight.shape, 1.3, start);
        model.weight.copy_(wave);
        model.bias!.copy_(torch.tensor([0.1, -0.1, 0.2, absent]));
        return model;
    }

    // One image at a time, one pixel at a time, in double; classes in sets of pixels.
    private static (double[] Iou, double Right, double Loss) Plain(
        Sample[] samples, Module<Tensor, Tensor> model, Func<Tensor, Tensor>? logits = null)
    {
        var pairs = Pixels(samples, logits ?? model.call);
        double Share(int k)
        {
            var union = pairs.Count(pair => pair.Truth == k || pair.Guess == k);
            return union == 0 ? double.NaN : (double)pairs.Count(pair => pair.Truth == k && pair.Guess == k) / union;
        }

        return ([.. Enumerable.Range(0, 4).Select(Share)],
            pairs.Count(pair => pair.Truth == pair.Guess) / (double)pairs.Count, pairs.Average(pair => pair.Loss));
    }

    private static List<(int Truth, int Guess, double Loss)> Pixels(Sample[] samples, Func<Tensor, Tensor> logits)
    {
        var pixels = new List<(int, int, double)>();
        using var noGrad = torch.no_grad();
        foreach (var sample in samples)
        {
            var numbers = logits(Normalized(sample)).contiguous().data<float>().ToArray();
            var labels = LabelMap.Of(sample).Labels;
            for (var pixel = 0; pixel < labels.Length; pixel++)
            {
                if (labels[pixel] == 255)
                {
                    continue;
                }

                double[] own = [.. Enumerable.Range(0, 4).Select(k => numbers[(k * labels.Length) + pixel])];
                pixels.Add((
                    labels[pixel], Array.IndexOf(own, own.Max()), Math.Log(own.Sum(Math.Exp)) - own[labels[pixel]]));
            }
        }

        return pixels;
    }

    private static Tensor Normalized(Sample sample)
    {
        var (mean, std, size) = (new[] { 0.4, 0.5, 0.6 }, new[] { 0.2, 0.3, 0.25 }, (int)sample.Size.Pixels);
        var numbers = sample.Pixels.ToArray().Select(
            (pixel, i) => (float)(((pixel / 255.0) - mean[i / size]) / std[i / size]));
        return torch.tensor(numbers.ToArray(), [1, 3, sample.Height, sample.Width]);
    }

    private sealed class Close : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => (double.IsNaN(x) && double.IsNaN(y)) || Math.Abs(x - y) < 1e-9;

        public int GetHashCode(double value) => 0;
    }

    /// <summary>A researcher's own set, which looks at nothing.</summary>
    private sealed class Unchecked(params Sample[] samples)
        : LabelMapSet("own", LabelMapSamples.Table, samples.Length)
    {
        public override string Fingerprint => new('0', 64);

        public override Sample Load(int index) => samples[index];
    }

    private sealed class Watched(Module<Tensor, Tensor> inner, Action called) : Module<Tensor, Tensor>(nameof(Watched))
    {
        public override Tensor forward(Tensor images)
        {
            called();
            return inner.call(images);
        }
    }
}
