using KdNotebooks.Analysis;
using KdNotebooks.Data;
using KdNotebooks.Extensions.Tests.Kernel;
using KdNotebooks.Interactive.Charts;
using KdNotebooks.Models;
using KdNotebooks.Runs;
using KdNotebooks.Tasks.Segmentation;
using KdNotebooks.Tests.Analysis;

namespace KdNotebooks.Extensions.Tests.Interactive.Magics;

/// <summary>Easy scenes with their teacher, and what four runs came to.</summary>
public sealed class SegmentationResult : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public SegmentationResult()
    {
        Scenes = new EasyScenes(folder.At("easy"));
        Result = Experiment.Run(
            [Scenes.Alone(1), Scenes.Alone(2), Scenes.Distilled(1), Scenes.Distilled(2)],
            KdNotebooks.Runtime.RunContext.Default with { Output = folder.Path });
    }

    public ExperimentResult Result { get; }

    internal EasyScenes Scenes { get; }

    public void Dispose() => folder.Dispose();
}

[Collection(EngineCollection.Name)]
public sealed class SegmentationMagicsTests : IClassFixture<SegmentationResult>, IDisposable
{
    private readonly Shown shown = new();

    public SegmentationMagicsTests(SegmentationResult scenes)
    {
        shown["recipe"] = scenes.Scenes.Distilled();
        shown["result"] = scenes.Result;
        shown["scenes"] = scenes.Scenes.Data;
        shown["alone"] = scenes.Result.Runs[0];
    }

    public void Dispose() => shown.Dispose();

    [Fact]
    public void Data_shows_how_much_of_each_class_there_is_and_label_maps_over_images()
    {
        shown.Run("#!kd-data @scenes --split validation --count 2 --as images");
        Assert.Equal(16, Assert.IsType<Dataset>(shown["images"]).Train.Count);
        Assert.Contains("validation: % of pixels", shown.Text);
        Assert.Contains("- test: 6 images counted, 0 % of the pixels are ignored", shown.Text);
        Assert.Contains("image 1: background, T-shirt/top, bag", shown.Text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Data_by_name_makes_fashion_scenes()
    {
        shown["few"] = new DataSpec("fashion-scenes", 3, 2, 2, Size: 32);
        shown.Run("#!kd-data @few --count 0 --as images");
        Assert.Equal(2, Assert.IsType<Dataset>(shown["images"]).Validation.Count);
    }

    [Fact]
    public void Distilling_measures_mean_IoU()
    {
        shown.Run("#!kd-distill --alpha 0.5 --seeds 1 --epochs 1 --as run1");
        var run = Assert.Single(Assert.IsType<ExperimentResult>(shown["run1"]).Runs);
        Assert.Equal(0.5, run.Recipe.Connections[0].Alpha);
        Assert.Contains("Test mIoU (%), last epoch", shown.Text);
        Assert.Contains("mIoU", shown.Text);
    }

    [Fact]
    public void An_ablation_trains_and_compares_every_aligner()
    {
        shown.Run("#!kd-ablate --aligner none,linear,mlp1 --seeds 2 --epochs 1 --as ab");
        Assert.Equal(6, Assert.IsType<ExperimentResult>(shown["ab"]).Runs.Count);
        Assert.Contains("Test mIoU (%), last epoch", shown.Text);
    }

    [Fact]
    public void A_comparison_measures_the_weights_that_it_is_not_given()
    {
        shown.Run("#!kd-compare --methods none,paper,at=1 --seeds 1 --epochs 1 --as all");
        Assert.Equal(
            ["none", "mlp-1", "at"],
            Assert.IsType<ExperimentResult>(shown["all"]).Runs.Select(run => run.Recipe.Method));
        Assert.Contains("makes the two gradients equal", shown.Text);
    }

    [Fact]
    public void A_comparison_that_names_no_method_takes_those_that_compare_maps()
    {
        shown.Run("#!kd-compare --seeds 1 --epochs 1 --as all");
        Assert.Equal(
            ["none", "mlp-1", "kd", "cwd"],
            Assert.IsType<ExperimentResult>(shown["all"]).Runs.Select(run => run.Recipe.Method));
    }

    [Fact]
    public void Alpha_measures_the_recipe_s_own_terms()
    {
        shown.Run("#!kd-alpha --steps 1 --batches 1 --as weights");
        Assert.Equal("mlp-1", Assert.Single(Assert.IsType<AlphaReport>(shown["weights"]).Terms).Method);
    }

    [Fact]
    public void Taps_have_the_shapes_of_the_scenes()
    {
        shown.Run("#!kd-taps --as both");
        var student = Assert.IsType<List<ModuleTable>>(shown["both"])[0];
        Assert.Equal([32, 4, 4], student.Rows.First(row => row.Path == "backbone.layer4").Shape);
        Assert.Equal([11, 32, 32], student.Rows.First(row => row.Path.Length == 0).Shape);
    }

    [Fact]
    public void Taps_of_a_recipe_that_crops_are_those_of_its_crops()
    {
        shown["recipe"] = Shown.Recipe with
        {
            Data = (DataSpec)shown["scenes"],
            Task = new SegmentationSpec(),
            Student = new SegmenterSpec(Width: 4),
            Teacher = null,
            Augmentation = new ResizedCrop(16, 24),
        };
        shown.Run("#!kd-taps --as one");
        var rows = Assert.IsType<ModuleTable>(shown["one"]).Rows;
        Assert.Equal([11, 16, 24], rows.First(row => row.Path.Length == 0).Shape);
    }

    [Theory]
    [InlineData("psp-18x4", "PSPNet-R18 (width 4)")]
    [InlineData("deeplab-18x4", "DeepLabV3-R18 (width 4)")]
    [InlineData("fcn-18x4", "FCN-R18 (width 4)")]
    public void Taps_knows_segmenters_by_their_words(string word, string name)
    {
        shown.Run($"#!kd-taps {word} --data @scenes --as one");
        Assert.Contains(name, shown.Text);
        var rows = Assert.IsType<ModuleTable>(shown["one"]).Rows;
        Assert.Equal([11, 32, 32], rows.First(row => row.Path.Length == 0).Shape);
    }

    [Fact]
    public void Scenes_show_the_baseline_and_the_method_of_one_seed()
    {
        shown.Run("#!kd-plot scenes --seed 2 --image 4,1 --as seen");
        var seen = Assert.IsType<PredictionTable>(shown["seen"]);
        Assert.Equal(["none, seed 2", "mlp-1, seed 2"], seen.Models);
        Assert.Equal([4, 1], seen.Images.Select(image => image.Index));
        shown.Run("#!kd-plot scenes --of @alone --as one");
        Assert.Equal([0, 1, 2], Assert.IsType<PredictionTable>(shown["one"]).Images.Select(image => image.Index));
    }

    [Theory]
    [InlineData("classes", "IoU of the class: difference to none")]
    [InlineData("correlation", "")]
    [InlineData("cka", "")]
    [InlineData("curves", "mIoU")]
    [InlineData("difference", "mIoU")]
    [InlineData("comparison", "mIoU")]
    public void Charts_of_segmentation_are_drawn(string kind, string says)
    {
        shown.Run($"#!kd-plot {kind} --as drawn");
        Assert.Contains(says, Assert.IsType<Figure>(shown["drawn"]).ToJson());
    }

    [Fact]
    public void Maps_are_shown_of_one_image_at_a_time()
    {
        shown.Run("#!kd-plot maps --image 2 --as maps");
        Assert.Equal(2, Assert.IsType<ImageMaps>(shown["maps"]).Index);
        Assert.Contains("drawn of one image at a time", shown.Refusal("#!kd-plot maps --image 1,2"));
    }

    [Fact]
    public void Predictions_are_shown_of_the_first_few_scenes_by_the_baseline_and_the_method()
    {
        shown.Run("#!kd-plot predictions --seed 2 --as pair");
        var pair = Assert.IsType<PredictionPair>(shown["pair"]);
        Assert.Equal(("none, seed 2", "mlp-1, seed 2"), (pair.Baseline.Run, pair.Method.Run));
        Assert.Equal([0, 1, 2], pair.Method.Images);
        Assert.False(pair.Decided);
        shown.Run("#!kd-plot predictions --of @alone --as one");
        Assert.Equal("none, seed 1", Assert.IsType<Predictions>(shown["one"]).Run);
        Assert.Contains("none, seed 1: mIoU ", shown.Text);
        Assert.Contains("% on 3 test images", shown.Text);
    }

    [Fact]
    public void Confusion_counts_pixels()
    {
        shown.Run("#!kd-plot confusion --method mlp-1 --seed 1 --as drawn");
        Assert.Contains("6,144 pixels", Assert.IsType<Figure>(shown["drawn"]).AltText);
    }
}
