using KdNotebooks.Analysis;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Tasks.Segmentation;
using KdNotebooks.Tests.Runs;

namespace KdNotebooks.Tests.Analysis;

[Collection(TorchState.Name)]
public sealed class PredictionTableTests(SegmentationRuns runs) : IClassFixture<SegmentationRuns>
{
    [Fact]
    public void Each_run_s_label_map_stands_beside_the_true_one_with_its_own_score()
    {
        var seen = PredictionTable.Of([runs.Open("none"), runs.Open("mlp-1")], [5, 0]);

        Assert.Equal(["none, seed 1", "mlp-1, seed 1"], seen.Models);
        Assert.Equal([5, 0], seen.Images.Select(scene => scene.Index));
        Assert.All(seen.Images, scene => Assert.All(scene.Guesses, guess =>
            Assert.Equal(MeanIou(Map(guess).Labels, Truth(scene)), Map(guess).MeanIou, 6)));
    }

    [Fact]
    public void All_images_together_are_as_right_as_the_run_was_measured_to_be()
    {
        var run = runs.Open("mlp-1");

        var scenes = PredictionTable.Of([run], [.. Enumerable.Range(0, 6)]).Images;

        Assert.Equal(
            run.Measure()["mIoU"],
            MeanIou([.. scenes.SelectMany(scene => Map(scene.Guesses[0]).Labels)],
                [.. scenes.SelectMany(Truth)]), 6);
    }

    [Fact]
    public void The_teacher_stands_first_and_has_learned_its_scenes()
    {
        var seen = PredictionTable.Of([runs.Open("none")], [0], teacher: runs.Scenes.Teacher);

        Assert.Equal(["teacher last", "none, seed 1"], seen.Models);
        Assert.InRange(Map(seen.Images[0].Guesses[0]).MeanIou, 40, 100);
    }

    [Fact]
    public void Windows_apply_where_the_task_evaluates_in_windows()
    {
        var recipe = runs.Scenes.Alone() with
        {
            Task = new SegmentationSpec(Window: new SlidingWindow(16, 16, 16, 16)),
        };
        var windowed = TrainedRun.Open(Trials.Run(runs.Temporary("windows"), recipe).Runs[0]);

        var seen = PredictionTable.Of([windowed, runs.Open("none")], [0]);

        // The same weights, for evaluation changes no training: only how they look at the image differs.
        Assert.NotEqual(Map(seen.Images[0].Guesses[0]).Labels, Map(seen.Images[0].Guesses[1]).Labels);
        Assert.Equal(windowed.Measure()["mIoU"], MeanIou(
            [.. PredictionTable.Of([windowed], [0, 1, 2, 3, 4, 5]).Images.SelectMany(scene => Map(scene.Guesses[0]).Labels)],
            [.. PredictionTable.Of([windowed], [0, 1, 2, 3, 4, 5]).Images.SelectMany(Truth)]), 6);
    }

    [Fact]
    public void It_stops_where_it_is_cancelled()
    {
        using var source = new CancellationTokenSource();
        var run = runs.Open("none");
        source.Cancel();
        var stopped = RunContext.Default with { Cancellation = source.Token };

        Assert.ThrowsAny<OperationCanceledException>(() => PredictionTable.Of([run], [0], context: stopped));
        using var scope = RunContext.Use(stopped);
        Assert.ThrowsAny<OperationCanceledException>(() => PredictionTable.Of([run], [0]));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(-1)]
    public void An_image_that_there_is_not_is_refused(int index) => Assert.Contains(
        "the 6 test images are 0 to 5",
        Assert.Throws<KdException>(() => PredictionTable.Of([runs.Open("none")], [index])).Message);

    [Fact]
    public void No_run_or_no_image_is_refused()
    {
        Assert.Contains("no run came", Assert.Throws<KdException>(() => PredictionTable.Of([], [0])).Message);
        Assert.Contains("no image was asked for",
            Assert.Throws<KdException>(() => PredictionTable.Of([runs.Open("none")], [])).Message);
    }

    [Fact]
    public void A_run_and_a_teacher_of_other_images_are_refused()
    {
        Assert.Contains("have other images", Assert.Throws<KdException>(() =>
            PredictionTable.Of([runs.Open("none"), runs.WithoutTest()], [0])).Message);
        Assert.Contains("Teacher 'fashion-teacher' takes 1 channels and gives 10 classes; "
            + $"{runs.Open("none").Task.Data.Name} has 3 and 11", Assert.Throws<KdException>(() =>
            PredictionTable.Of([runs.Open("none")], [0], teacher: new TeacherSpec("fashion-teacher"))).Message);
    }

    private static LabelMapPrediction Map(IPrediction guess) => (LabelMapPrediction)guess;

    private static byte[] Truth(PredictedImage scene) => LabelMap.Of(scene.Truth).Labels;

    // Counted pixel by pixel, over the classes that are in either map.
    private static double MeanIou(byte[] guess, byte[] truth) => 100 * guess.Concat(truth).Distinct().Average(k =>
        (double)guess.Zip(truth).Count(pixel => pixel.First == k && pixel.Second == k)
        / guess.Zip(truth).Count(pixel => pixel.First == k || pixel.Second == k));
}
