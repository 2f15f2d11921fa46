using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tasks.Segmentation;
using KdNotebooks.Teachers;
using KdNotebooks.Tests.Runs;

namespace KdNotebooks.Tests.Teachers;

[Collection(TorchState.Name)]
public sealed class TeacherCheckTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    // As measured when it was trained (kd teacher train fashion-teacher); another machine rounds another way.
    [Fact]
    public void The_packaged_teacher_is_worth_what_is_said_of_it()
    {
        var check = TeacherCheck.Of(TrainedModel.Load("fashion-teacher"), Task(FashionMnist.Mini()), torch.CPU, Stop);

        Assert.Equal(91.00, check.Validation, 0.2);
        Assert.Equal(89.96, check.Test!.Value, 0.2);
        Assert.Equal(("fashion-teacher", "ResNet-14 (width 24)", 10.0), (check.Name, check.Model, check.Chance));
        using var model = new ResNetSpec(14, 24).Build(1, 10);
        Assert.Equal(model.parameters().Sum(parameter => parameter.numel()), check.Parameters);
        Assert.StartsWith("fashion-teacher: ResNet-14 (width 24), ", check.ToString());
        Assert.EndsWith("% on test (chance 10 %)", check.ToString());
    }

    [Fact]
    public void A_blank_teacher_is_refused_as_near_chance()
    {
        var error = Refused(Trials.Blank(folder.File("t.safetensors")));

        Assert.Contains("Teacher 't' reaches ", error);
        Assert.Contains("near chance (10.00 %)", error);
    }

    [Theory]
    [InlineData(3, 10)]
    [InlineData(1, 11)]
    public void A_teacher_of_other_images_is_refused_with_both_shapes(int channels, int classes) => Assert.Contains(
        $"takes {channels} channels and gives {classes} classes; fashion-mnist-mini (64/50/50) has 1 and 10",
        Refused(Trials.Blank(folder.File("t.safetensors"), channels, classes)));

    [Fact]
    public void A_teacher_of_other_classes_whose_maps_alone_are_looked_at_is_not_measured_and_says_so()
    {
        var model = TrainedModel.Load(Trials.Blank(folder.File("t.safetensors"), classes: 37));

        var check = TeacherCheck.OfMaps(model, Task(KnownDatasets.Open(Trials.Alone().Data)), torch.CPU, Stop);

        Assert.True(double.IsNaN(check.Validation));
        Assert.Null(check.Test);
        Assert.Equal("it tells 37 classes apart, fashion-mnist-mini (64/50/50) has 10", check.Unmeasured);
        Assert.EndsWith($"not measured: {check.Unmeasured}; it teaches by its maps alone", check.ToString());
        // As .NET Interactive writes it.
        Assert.Contains("\"Validation\":null", System.Text.Json.JsonSerializer.Serialize(check));
    }

    [Fact]
    public void A_teacher_of_another_task_is_refused_though_its_numbers_fit()
    {
        var path = folder.File("t.safetensors");
        var recipe = Trials.Alone() with { Task = new SegmentationSpec() };
        using var model = Trials.Alone().Student.Build(1, 10);
        TrainedModel.Save(path, model, recipe, 1, 10);

        Assert.Contains("Teacher 't' (ResNet-8 (width 8)) was trained for another task", Refused(path));
    }

    [Fact]
    public void Where_less_is_better_a_good_teacher_is_taken_and_a_blank_one_refused()
    {
        var task = new Errors(Task(KnownDatasets.Open(Trials.Alone().Data)));

        var check = TeacherCheck.Of(TrainedModel.Load("fashion-teacher"), task, torch.CPU, Stop);

        Assert.Equal(("errors", 90.0), (check.Metric, check.Chance));
        Assert.InRange(check.Validation, 0, 30);
        var blank = TrainedModel.Load(Trials.Blank(folder.File("t.safetensors")));
        Assert.Contains("near chance (90.00 %)", Assert.Throws<KdException>(
            () => TeacherCheck.Of(blank, task, torch.CPU, Stop)).Message);
    }

    // Between two classes the worst guess is 50 %: twice chance would refuse everything short of perfect.
    [Fact]
    public void A_good_teacher_of_two_classes_is_taken()
    {
        var recipe = Trials.Alone();
        using var model = recipe.Student.Build(1, 2);
        var classifier = model.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
        // Black is nothing but zeros all the way through, white is not: that is all it takes to tell them apart.
        using (torch.no_grad())
        {
            classifier["fc.weight"].copy_(torch.tensor(new[] { 1f, 0f }).unsqueeze(1));
            classifier["fc.bias"].copy_(torch.tensor(new[] { -1e-3f, 0f }));
        }

        TrainedModel.Save(folder.File("t.safetensors"), model, recipe, 1, 2);

        var check = TeacherCheck.Of(TrainedModel.Load(folder.File("t.safetensors")), Task(WhiteAndBlack()), torch.CPU, Stop);

        Assert.Equal((80.0, 50.0), (check.Validation, check.Chance));
    }

    [Fact]
    public void Measuring_stops_when_it_is_cancelled() => Assert.ThrowsAny<OperationCanceledException>(() =>
        TeacherCheck.Of(
            TrainedModel.Load("fashion-teacher"), Task(FashionMnist.Mini()), torch.CPU, new CancellationToken(true)));

    /// <summary>Classification that counts what is wrong.</summary>
    private sealed class Errors(ITask inner) : ITask
    {
        public ITaskSpec Spec => inner.Spec;

        public Dataset Data => inner.Data;

        public IAugmentation Augmentation => inner.Augmentation;

        public IReadOnlyList<long> Image => inner.Image;

        public double Chance => 100 - inner.Chance;

        public double Perfect => 0;

        public string ClassMeasure => inner.ClassMeasure;

        public EvaluationLimits Limits => inner.Limits;

        public IPictures Pictures => inner.Pictures;

        public Batch Blank(int images) => inner.Blank(images);

        public IReadOnlyList<LossTerm> Loss(IOutputs outputs, ITargets targets) => inner.Loss(outputs, targets);

        public LogitRows? Rows(IOutputs outputs, Tensor teacher, ITargets targets) => inner.Rows(outputs, teacher, targets);

        public IReadOnlyList<IPrediction> Predict(IOutputs outputs, Batch batch) => inner.Predict(outputs, batch);

        public IMeter NewMeter() => new Meter(inner.NewMeter());

        public DataSummary Summarize(CancellationToken cancellation = default) => inner.Summarize(cancellation);

        private sealed class Meter(IMeter inner) : IMeter
        {
            public void Add(IOutputs outputs, Batch batch) => inner.Add(outputs, batch);

            public Score Result() => inner.Result() is var score
                ? score with { Metrics = [new(new MetricKind("errors", HigherIsBetter: false), 100 - score.Headline.Value)] }
                : score;
        }
    }

    // White is class 0 and black class 1, but for one image in five.
    private static Dataset WhiteAndBlack()
    {
        ImageSet Set()
        {
            var labels = Enumerable.Range(0, 20).Select(i => (byte)(i % 2)).ToArray();
            var pixels = labels.SelectMany((label, i) =>
                Enumerable.Repeat((byte)(i % 10 < 2 == (label == 0) ? 0 : 255), 64));
            return new ImageSet("shades", 1, 8, 8, pixels.ToArray(), labels, ["white", "black"]);
        }

        return LabeledImages.Split("shades", Set(), Set(), 5, 5, [0f], [1f]);
    }

    private static ClassificationTask Task(Dataset data) => new(data, PaddedCrop.None);

    private static string Refused(string path) => Assert.Throws<KdException>(() =>
        TeacherCheck.Of(TrainedModel.Load(path), Task(KnownDatasets.Open(Trials.Alone().Data)), torch.CPU, Stop)).Message;
}
