using KdNotebooks.Analysis;
using KdNotebooks.Data;
using KdNotebooks.Metrics;
using KdNotebooks.Models;
using KdNotebooks.Recipes;
using KdNotebooks.Results;
using KdNotebooks.Runs;
using KdNotebooks.Tasks;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tasks.Segmentation;
using KdNotebooks.Teachers;

namespace KdNotebooks.Extensions.Tests.Interactive;

/// <summary>Small results of looking at runs, made by hand, under a name that the test gives.</summary>
internal static class Analyses
{
    public static string[] Classes(string name) => [name, "bag"];

    public static ConfusionMatrix Confusion(string name = "coat") =>
        ConfusionMatrix.Of(Classes(name), [0, 0, 0, 1], [0, 0, 1, 1]);

    public static ClassChange Change(string name = "coat") => ClassChange.Of(name, "none", "test",
    [
        (1, Confusion(name), ConfusionMatrix.Of(Classes(name), [0, 0, 0, 1], [1, 1, 1, 1])),
        (2, Confusion(name), ConfusionMatrix.Of(Classes(name), [0, 0, 0, 1], [0, 1, 1, 1])),
    ]);

    public static ScoreCurves Curves(string name = "mlp-1") => new("test",
    [
        Panel("IoU 0.50", name, 0.9), Panel("IoU 0.75", name, 0.5),
    ]);

    private static ScoreCurvePanel Panel(string name, string method, double high) => new(
        name, "recall", "precision", [0, 0.5, 1],
        [
            new("none", 2, [high, high / 2, 0], [high - 0.1, high / 4, 0], [high, high, 0]),
            new(method, 1, [high, high, double.NaN], [high, high, double.NaN], [high, high, double.NaN]),
        ]);

    public static ChannelMatch Match(string name = "mlp-1") => new(
        name, $"layer3 {name} l2", new[,] { { 0.5, -0.25, double.NaN } },
        new[,] { { 1.0, 0, 0.2 }, { 0, 0.9, 0 }, { 0.1, 0, -0.4 } }, 250);

    public static CkaTable Cka(string name = "mlp-1") => new(
        name, name, ["layer1", ""], [name, "layer2", ""],
        new[,] { { 0.25, 0.5, 0.75 }, { 0.1, 0.2, 0.9 } }, 500, "test");

    public static AlphaReport Alpha(string name = "mlp-1") => new(
        [new(name, $"layer3 {name}", 2, 1, 0.4, 0.04, 0.5, 1), new("kd", "logits kd", 2, 10, 0.4, 0.8, 0.9, 1)], 40, 8);

    public static Predictions Predictions(string name = "coat", string run = "mlp-1, seed 1", params int[] classes)
    {
        int[] guesses = classes.Length == 0 ? [0, 1, 1] : classes;
        int[] truth = [0, 0, 1];
        float[] confidence = [0.9f, 0.6f, 0.8f];
        var right = guesses.Zip(truth).Count(pair => pair.First == pair.Second);
        return new Predictions(
            run, "test", Classification(name), [0, 1, 2],
            [.. guesses.Zip(confidence, (guess, share) => new ClassPrediction(guess, share))],
            new Score([new Metric("accuracy", 100.0 * right / guesses.Length)], 0.5, []));
    }

    /// <summary>The task of three images of 2x2: two of the class of this name, then a bag.</summary>
    public static ITask Classification(string name = "coat") => new ClassificationTask(
        new Dataset("few", Images(name), Images(name), Images(name), [0.5f], [0.25f]), PaddedCrop.None);

    /// <summary>Road, a class of this name, and one that is nowhere.</summary>
    public static LabelTable Table(string name = "sky") => new(
        "few", new LabelRow(0, "road", 0, 0x804080), new LabelRow(1, name, 1, 0x4682B4), new LabelRow(2, "bus", 2, 0x3C64));

    /// <summary>Gray; its left half is class 0, its right half 1, and the last pixel is ignored.</summary>
    public static Sample Scene(int height = 4, int width = 4, string name = "scene") => LabelMap.Sample(
        name, height, width, Enumerable.Repeat((byte)100, 3 * height * width).ToArray(),
        [.. Enumerable.Range(0, height * width).Select(i =>
            i == (height * width) - 1 ? (byte)255 : (byte)(i % width < width / 2 ? 0 : 1))]);

    /// <summary>The task of one scene.</summary>
    public static ITask Segmentation(string name = "sky", Sample? scene = null)
    {
        var set = LabelMapSet.Of("few", Table(name), [scene ?? Scene()]);
        return new SegmentationTask(
            new Dataset("few", set, set, set, Dataset.ImageNetMean, Dataset.ImageNetStd), ResizedCrop.None);
    }

    /// <summary>One scene of which one model says road, another one sky.</summary>
    public static PredictionTable Scenes(string name = "sky", string run = "mlp-1, seed 1", int height = 4, int width = 4)
    {
        var truth = Scene(height, width);
        return new PredictionTable("test", Segmentation(name, truth), [run, "none, seed 1"],
            [new PredictedImage(7, truth, [Everywhere(0, height * width, 25), Everywhere(1, height * width, double.NaN)])]);
    }

    /// <summary>Two images with classes, by two models.</summary>
    public static PredictionTable Labeled(string name = "coat", string run = "mlp-1, seed 1")
    {
        var task = Classification(name);
        return new PredictionTable("test", task, [run, "none, seed 1"],
        [
            new PredictedImage(2, task.Data.Train.Load(2), [new ClassPrediction(1, 0.8f), new ClassPrediction(0, 0.6f)]),
            new PredictedImage(0, task.Data.Train.Load(0), [new ClassPrediction(1, 0.7f), new ClassPrediction(0, 0.9f)]),
        ]);
    }

    /// <summary>What one student says of one scene, of which the score is a mean IoU.</summary>
    public static Predictions ScenePredictions(string name = "sky", string run = "mlp-1, seed 1") => new(
        run, "test", Segmentation(name), [0], [Everywhere(0, 16, 25)], new Score([new Metric("mIoU", 25)], 0.5, []));

    public static ClassChange IouChange(string name = "sky") => ClassChange.Of(
        "mlp-1", "none", "test", ["road", name, $"{name} 2"], "IoU of the class",
        [(1, [60, double.NaN, 20], [50, double.NaN, 10]), (2, [70, double.NaN, 30], [50, double.NaN, 10])]);

    public static ImageMaps Maps(string name = "coat", bool fits = true) => new(
        $"{name}, seed 1", "test", 7, GridImage.Of(Images(name).Load(0), name),
        [new ConnectionMaps($"layer3 {name}", Map(3, 1), Map(2, 2), fits ? Map(3, -1) : Map(4, 1))]);

    public static Recipe Recipe(string name = "mlp-1") => new()
    {
        Method = name,
        Data = new DataSpec(name, 640),
        Student = new ResNetSpec(),
        Teacher = new TeacherSpec(name),
        Connections = [new(name, "layer3", new Aligners.ChannelMlp(), new Losses.L2Loss(), 5)],
    };

    public static RunResult Run(string name = "mlp-1", int seed = 1, double accuracy = 80) => new(
        Recipe(name) with { Seed = seed }, $"/runs/{name}-seed{seed}",
        [.. new[] { 70.0, 75 }.Select((value, i) => new Training.EpochRecord(
            i + 1, 10 * i, 0.1, new Dictionary<string, double>(), new Score(value, 0.9)))],
        [new ResultRow(name, seed, "accuracy", accuracy, "test"), new ResultRow(name, seed, "loss", 0.5, "test")]);

    public static ExperimentResult Experiment(string name = "mlp-1") => new(
        [Run("none", 1, 79), Run("none", 2, 80), Run(name, 1, 81), Run(name, 2, 83)],
        new TeacherCheck(name, "ResNet-14", 392_242, 90, 91, 10), TimeSpan.FromSeconds(75));

    private static ImageSet Images(string name) =>
        new("few", 1, 2, 2, new byte[12], new byte[] { 0, 0, 1 }, Classes(name));

    private static LabelMapPrediction Everywhere(byte label, int pixels, double meanIou) =>
        new([.. Enumerable.Repeat(label, pixels)], meanIou);

    private static FeatureMap Map(int channels, float size) => new(
        channels, 2, 2, [.. Enumerable.Range(0, channels * 4).Select(i => i * size)]);
}
