using KdNotebooks.Analysis;
using KdNotebooks.Runtime;
using KdNotebooks.Tests.Runs;

namespace KdNotebooks.Tests.Analysis;

[Collection(TorchState.Name)]
public sealed class TrainedRunTests(TrainedRuns runs) : IClassFixture<TrainedRuns>
{
    [Fact]
    public void Predictions_are_as_right_as_the_run_was_measured_to_be()
    {
        var run = runs.Result.Runs[2];
        var measured = run.Rows.Single(row => (row.Metric, row.Split, row.Epoch) == ("accuracy", "test", "last"));

        var predictions = TrainedRun.Open(run).Predict();

        Assert.Equal(measured.Value, predictions.Accuracy, 6);
        Assert.Equal(50, predictions.Confusion.Total);
        Assert.All(predictions.Confidence, share => Assert.InRange(share, 0.1f, 1f));
    }

    public static TheoryData<string, Action<TrainedRun>> Questions { get; } = new()
    {
        { "predictions", run => run.Predict() },
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

    private void Refused(Func<string, string> change, string message)
    {
        var folder = Directory.CreateDirectory(runs.Temporary(Path.GetRandomFileName())).FullName;
        var manifest = File.ReadAllText(Path.Combine(runs.Result.Runs[0].Folder, "manifest.json"));
        File.WriteAllText(Path.Combine(folder, "manifest.json"), change(manifest));

        Assert.Contains(message, Assert.Throws<KdException>(() => TrainedRun.Open(folder)).Message);
    }
}
