using KdNotebooks.Aligners;
using KdNotebooks.Analysis;
using KdNotebooks.Data;
using KdNotebooks.Extensions.Tests.Kernel;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Models.Detection;
using KdNotebooks.Recipes;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Detection;
using KdNotebooks.Training;

namespace KdNotebooks.Extensions.Tests.Interactive.Magics;

/// <summary>Small scenes with masks, and what two students of the packaged teacher came to after a few steps.</summary>
public sealed class DetectionResult : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public DetectionResult()
    {
        Recipe = Alone with
        {
            Method = "mlp-1",
            Teacher = new TeacherSpec("things-teacher"),
            Connections =
            [
                new("backbone.fpn.layer_blocks.1", "backbone.fpn.layer_blocks.1", new ChannelMlp(), new L2Loss(), 0.1),
            ],
        };
        Result = Experiment.Run([Alone, Recipe], RunContext.Default with { Output = folder.Path });
    }

    public Recipe Recipe { get; }

    public ExperimentResult Result { get; }

    private static Recipe Alone => new()
    {
        Method = "none",
        Data = new DataSpec("fashion-things", 12, 6, 6, Size: 64),
        Task = new DetectionSpec(Masks: true),
        Student = new FasterRcnnSpec(
            18, 8, Masks: true, Channels: 16, SmallestAnchor: 8, HeadWidth: 32, MaskWidth: 16,
            Proposals: new ProposalOptions(100, 50, 50, 50, Anchors: 64), Regions: 16),
        Optimizer = new AdamW(2e-3),
        Epochs = 1,
        Iterations = 2,
        BatchSize = 4,
        Augmentation = new PaddedCrop(0, Flip: true),
        Device = "cpu",
    };

    public void Dispose() => folder.Dispose();
}

/// <summary>The commands know things in images as they know classes and label maps.</summary>
[Collection(EngineCollection.Name)]
public sealed class DetectionMagicsTests : IClassFixture<DetectionResult>, IDisposable
{
    private readonly Shown shown = new();

    public DetectionMagicsTests(DetectionResult things)
    {
        shown["recipe"] = things.Recipe;
        shown["result"] = things.Result;
        shown["things"] = things.Recipe.Data;
    }

    public void Dispose() => shown.Dispose();

    [Fact]
    public void Data_shows_how_many_things_there_are_and_names_them_over_images()
    {
        shown.Run("#!kd-data @things --split validation --count 2");
        Assert.Contains("train: things", shown.Text);
        Assert.Contains("validation: 6 images counted", shown.Text);
    }

    [Fact]
    public void An_ablation_trains_and_compares_every_aligner()
    {
        shown.Run("#!kd-ablate --aligner none,linear --seeds 1 --epochs 1 --as ab");
        Assert.Equal(
            ["none", "linear"], Assert.IsType<ExperimentResult>(shown["ab"]).Runs.Select(run => run.Recipe.Method));
        Assert.Contains("Test mask mAP (%), last epoch", shown.Text);
    }

    [Fact]
    public void A_comparison_takes_methods_that_compare_maps()
    {
        shown.Run("#!kd-compare --methods none,pkd=1,cwd=1,mgd=1 --seeds 1 --as all");
        Assert.Equal(
            ["none", "pkd", "cwd", "mgd"],
            Assert.IsType<ExperimentResult>(shown["all"]).Runs.Select(run => run.Recipe.Method));
    }

    [Fact]
    public void Alpha_measures_the_recipe_s_own_terms()
    {
        shown.Run("#!kd-alpha --steps 1 --batches 1 --as weights");
        Assert.Equal("mlp-1", Assert.Single(Assert.IsType<AlphaReport>(shown["weights"]).Terms).Method);
    }

    [Fact]
    public void Scenes_show_what_is_true_and_what_both_students_find()
    {
        shown.Run("#!kd-plot scenes --image 4,1 --method mlp-1 --as seen");
        var seen = Assert.IsType<PredictionTable>(shown["seen"]);
        Assert.Equal(["none, seed 1", "mlp-1, seed 1"], seen.Models);
        Assert.Equal([4, 1], seen.Images.Select(image => image.Index));
    }

    [Theory]
    [InlineData("classes", "mask AP of the class: difference to none")]
    [InlineData("precision", "IoU 0.75")]
    [InlineData("correlation", "")]
    [InlineData("curves", "mask mAP")]
    [InlineData("difference", "mask mAP")]
    [InlineData("comparison", "mask mAP")]
    public void Charts_of_things_are_drawn(string kind, string says)
    {
        shown.Run($"#!kd-plot {kind} --method mlp-1 --as drawn");
        Assert.Contains(says, Assert.IsType<Figure>(shown["drawn"]).ToJson());
    }

    [Fact]
    public void Maps_are_those_of_the_pyramid()
    {
        shown.Run("#!kd-plot maps --method mlp-1 --image 2 --as maps");
        Assert.Equal(2, Assert.IsType<ImageMaps>(shown["maps"]).Index);
    }

    [Fact]
    public void A_confusion_is_refused_with_the_reason() =>
        Assert.Contains(
            "does not count which class is taken for which", shown.Refusal("#!kd-plot confusion --method mlp-1"));

    [Theory]
    [InlineData("faster-18x8", "Faster R-CNN-R18 (width 8)")]
    [InlineData("mask-18x8", "Mask R-CNN-R18 (width 8)")]
    [InlineData("retina-18x8", "RetinaNet-R18 (width 8)")]
    public void Taps_knows_detectors_by_their_words(string word, string name)
    {
        shown.Run($"#!kd-taps {word} --data @things --as one");
        Assert.Contains(name, shown.Text);
        Assert.Contains(
            Assert.IsType<ModuleTable>(shown["one"]).Rows, row => row.Path == "backbone.fpn.layer_blocks.0");
    }
}
