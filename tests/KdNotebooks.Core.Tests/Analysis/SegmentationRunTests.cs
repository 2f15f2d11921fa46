using KdNotebooks.Analysis;
using KdNotebooks.Tasks;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Tests.Analysis;

/// <summary>What is asked of runs of both tasks, asked of segmentation.</summary>
[Collection(TorchState.Name)]
public sealed class SegmentationRunTests(SegmentationRuns runs) : IClassFixture<SegmentationRuns>
{
    [Fact]
    public void A_run_is_as_good_as_it_was_measured_to_be()
    {
        var run = runs.Result.Runs[2];
        var measured = run.Rows.Single(row => (row.Metric, row.Split, row.Epoch) == ("mIoU", "test", "last"));

        Assert.Equal(measured.Value, TrainedRun.Open(run).Measure()["mIoU"], 6);
    }

    [Fact]
    public void Maps_are_those_of_the_whole_scene_with_its_classes()
    {
        var run = runs.Open("mlp-1");
        var maps = run.Maps(3);

        var at = Assert.Single(maps.Connections);
        Assert.Equal("[64, 4, 4]", at.Teacher.Shape);
        Assert.Equal("[32, 4, 4]", at.Student.Shape);
        Assert.True(at.Transformed.FitsOn(at.Teacher));
        var sample = run.Task.Data.Test!.Load(3);
        var classes = LabelMap.Of(sample).Labels.Distinct().Order().Select(k => run.Task.Data.ClassNames[k]);
        Assert.Equal("easy_3_leftImg8bit.png", Path.GetFileName(sample.Name));
        Assert.Equal(string.Join(", ", classes), maps.Label);
        Assert.Equal(GridImage.Of(sample).Pixels, maps.Image.Pixels);
        Assert.Equal((3, 32, 32), (maps.Image.Channels, maps.Image.Height, maps.Image.Width));
    }

    [Fact]
    public void Channels_are_correlated_over_all_positions()
    {
        var match = Assert.Single(runs.Open("mlp-1").Correlation());

        Assert.Equal((32, 64), (match.Before.GetLength(0), match.Before.GetLength(1)));
        Assert.Equal(6, match.Images);
        Assert.InRange(match.BestBefore, 0, 1);
    }

    [Fact]
    public void CKA_compares_the_stages_of_the_backbones_the_heads_and_the_outputs()
    {
        var cka = runs.Open("mlp-1").Cka();

        string[] stages =
            ["backbone.layer1", "backbone.layer2", "backbone.layer3", "backbone.layer4", "classifier", ""];
        Assert.Equal(stages, cka.StudentPaths);
        Assert.Equal(stages, cka.TeacherPaths);
        Assert.All(cka.Values.Cast<double>(), value => Assert.InRange(value, 0, 1));
    }

    [Fact]
    public void Without_test_labels_the_validation_images_are_looked_at()
    {
        var run = runs.WithoutTest();

        Assert.Equal("validation", run.Maps(0).Split);
        Assert.Equal(6, run.Correlation()[0].Images);
        Assert.Equal("validation", run.Cka().Split);
        Assert.Equal("validation", PredictionTable.Of([run], [0]).Split);
        Assert.Equal(run.Measure("validation"), run.Measure());
    }

    [Fact]
    public void Predictions_are_label_maps_of_the_first_images_where_none_are_named()
    {
        var run = runs.Open("none");

        var (first, all) = (run.Predict(), run.Predict(images: [.. Enumerable.Range(0, 6)]));

        Assert.Equal([0, 1, 2], first.Images);
        Assert.Equal(
            all.Items.Take(3).Select(item => ((LabelMapPrediction)item).Labels),
            first.Items.Select(item => ((LabelMapPrediction)item).Labels));
        Assert.Equal(run.Measure(), all.Score);
        Assert.All(all.Right(), right => Assert.Null(right)); // no scene is right or wrong as a whole
        Assert.False(new PredictionPair(all, runs.Open("mlp-1").Predict(images: all.Images)).Decided);
    }

    [Fact]
    public void A_confusion_counts_the_pixels()
    {
        var run = runs.Open("mlp-1");
        var confusion = run.Confusion();

        Assert.Equal(6 * EasyScenes.Side * EasyScenes.Side, confusion.Total);
        Assert.Equal(run.Measure()["pixel accuracy"], confusion.Accuracy, 6);
    }

    public static TheoryData<string, Action<TrainedRun>> Questions { get; } = new()
    {
        { "score", run => run.Measure() },
        { "predictions", run => run.Predict() },
        { "confusion", run => run.Confusion() },
        { "maps", run => run.Maps(0) },
        { "correlation", run => run.Correlation() },
        { "cka", run => run.Cka() },
        { "scenes", run => PredictionTable.Of([run], [0, 1]) },
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
}
