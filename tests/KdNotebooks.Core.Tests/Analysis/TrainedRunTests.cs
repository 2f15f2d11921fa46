using KdNotebooks.Analysis;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;

namespace KdNotebooks.Tests.Analysis;

[Collection(TorchState.Name)]
public sealed class TrainedRunTests(TrainedRuns runs) : IClassFixture<TrainedRuns>
{
    [Fact]
    public void Predictions_are_as_right_as_the_run_was_measured_to_be()
    {
        var run = runs.Result.Runs[2];
        var measured = run.Rows.Single(row => (row.Metric, row.Split, row.Epoch) == ("accuracy", "test", "last"));

        var opened = TrainedRun.Open(run);
        var predictions = opened.Predict();

        Assert.Equal(measured.Value, predictions.Score.Headline.Value, 6);
        Assert.Equal(50, opened.Confusion().Total);
        Assert.Equal(measured.Value, opened.Confusion().Accuracy, 6);
        Assert.Equal(50, predictions.Items.Count);
        Assert.All(
            predictions.Items.Cast<ClassPrediction>(), item => Assert.InRange(item.Confidence, 0.1f, 1f));
        Assert.Equal(measured.Value, 2 * predictions.Right().Count(right => right is true), 6); // of 50 images
    }

    public static TheoryData<string, Action<TrainedRun>> Questions { get; } = new()
    {
        { "predictions", run => run.Predict() },
        { "confusion", run => run.Confusion() },
        { "images", run => PredictionTable.Of([run], [0, 1]) },
        { "maps", run => run.Maps(0) },
        { "correlation", run => run.Correlation(images: 10) },
        { "cka", run => run.Cka(new CkaOptions(Images: 10)) },
    };

    [Theory]
    [MemberData(nameof(Questions), DisableDiscoveryEnumeration = true)]
    public void Nothing_is_left_of_a_question(string name, Action<TrainedRun> ask)
    {
        var run = runs.Open("mlp-1");
        ask(run); // what is loaded once for the process
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        ask(run);

        Assert.True(before == DisposeScopeManager.Statistics.ThreadTotalLiveCount, name);
    }

    [Fact]
    public void A_folder_that_is_no_run_is_refused()
    {
        var folder = Directory.CreateDirectory(runs.Temporary("empty")).FullName;

        Assert.Contains("has no manifest.json", Assert.Throws<KdException>(() => TrainedRun.Open(folder)).Message);
    }

    [Fact]
    public void A_run_that_did_not_end_is_refused() =>
        Refused(manifest => manifest.Replace("\"complete\"", "\"running\""), "the run is 'running', not complete");

    [Fact]
    public void A_run_of_other_images_is_refused() => Refused(
        manifest => manifest.Replace("\"fingerprint\": \"", "\"fingerprint\": \"0"),
        "is not what the run was made with");

    [Fact]
    public void A_split_that_there_is_not_is_refused() => Assert.Contains(
        "expected 'test', 'validation' or 'train'",
        Assert.Throws<KdException>(() => runs.Open("none").Predict("tests")).Message);

    [Fact]
    public void A_pair_says_which_images_each_of_two_runs_recognizes()
    {
        var (one, other) = (runs.Open("none").Predict(), runs.Open("mlp-1").Predict());

        var pair = new PredictionPair(one, other);

        Assert.True(pair.Decided);
        Assert.Equal(50, pair.BothRight + pair.BothWrong + pair.Gained.Count + pair.Lost.Count);
        Assert.Equal(one.Right().Count(right => right is true), pair.BothRight + pair.Lost.Count);
        Assert.Equal(other.Right().Count(right => right is true), pair.BothRight + pair.Gained.Count);
        Assert.All(pair.Gained, image => Assert.Equal((false, true), (one.Right()[image], other.Right()[image])));
    }

    [Fact]
    public void A_pair_of_other_images_is_refused() => Assert.Contains(
        "expected the same images",
        Assert.Throws<KdException>(() => new PredictionPair(
            runs.Open("none").Predict(images: [0, 1]), runs.Open("mlp-1").Predict(images: [1, 0]))).Message);

    [Fact]
    public void Some_images_in_any_order_are_predicted_as_among_all()
    {
        var run = runs.Open("mlp-1");
        var (all, some) = (run.Predict(), run.Predict(images: [49, 3, 3]));

        Assert.Equal([49, 3, 3], some.Images);
        Assert.Equal(
            new[] { 49, 3, 3 }.Select(i => ((ClassPrediction)all.Items[i]).Class),
            some.Items.Select(item => ((ClassPrediction)item).Class));
    }

    [Theory]
    [InlineData(50)]
    [InlineData(-1)]
    public void An_image_that_there_is_not_is_not_predicted(int index) => Assert.Contains(
        "the 50 test images are 0 to 49",
        Assert.Throws<KdException>(() => runs.Open("none").Predict(images: [0, index])).Message);

    private void Refused(Func<string, string> change, string message)
    {
        var folder = Directory.CreateDirectory(runs.Temporary(Path.GetRandomFileName())).FullName;
        var manifest = File.ReadAllText(Path.Combine(runs.Result.Runs[0].Folder, "manifest.json"));
        File.WriteAllText(Path.Combine(folder, "manifest.json"), change(manifest));

        Assert.Contains(message, Assert.Throws<KdException>(() => TrainedRun.Open(folder)).Message);
    }
}
