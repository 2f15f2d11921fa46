using KdNotebooks.Data.Dense;
using KdNotebooks.Metrics;
using KdNotebooks.Native;
using KdNotebooks.Results;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Teachers;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Analysis;

/// <summary>Some images with their true label maps beside those that several models predict: a value.</summary>
/// <param name="Split">"test", "validation" or "train".</param>
/// <param name="Table">Names and colors of the classes.</param>
/// <param name="Models">"none, seed 1", "mlp-1, seed 1"; "teacher NAME" stands first.</param>
/// <param name="Scenes">In the order that was asked for.</param>
public sealed record ScenePredictions(
    string Split, LabelTable Table, IReadOnlyList<string> Models, IReadOnlyList<PredictedScene> Scenes)
{
    /// <summary>
    /// Predicts with every run's own task, in windows where it says so. Models are loaded one after the other.
    /// </summary>
    /// <param name="runs">Of segmentation, on one dataset; at least one.</param>
    /// <param name="images">Indices into the split, from 0; at least one.</param>
    /// <param name="split">
    /// "test", "validation" or "train"; null is "test", or "validation" where the test labels are not published.
    /// </param>
    /// <param name="teacher">Shown too, before the runs; the default value null shows none.</param>
    /// <exception cref="KdException">
    /// A run of classification or of other images, no run, no such image, or a teacher of other classes.
    /// </exception>
    /// <param name="context">Null for the current one.</param>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public static ScenePredictions Of(
        IReadOnlyList<TrainedRun> runs, IReadOnlyList<int> images, string? split = null, TeacherSpec? teacher = null,
        RunContext? context = null)
    {
        var cancellation = (context ?? RunContext.Current).Cancellation;
        var task = TaskOf(runs);
        var data = (DenseData)task.Data;
        split = runs[0].Usual(split);
        var set = data.SplitNamed(split);
        RequireImages(set, split, images);
        DenseSample[] samples = [.. images.Select(set.Load)];
        var guesses = new List<(string Name, List<SceneGuess> Of)>();
        if (teacher is not null)
        {
            var trained = Fitting(TrainedModel.Load(teacher.Weights), data);
            var seen = Guess(task, trained, runs[0].Recipe.Device, samples, cancellation);
            guesses.Add(($"teacher {trained.Name}", seen));
        }

        guesses.AddRange(runs.Select(run =>
            (run.Name, Guess(TaskOf([run]), run.Student(), run.Recipe.Device, samples, cancellation))));
        return new ScenePredictions(split, set.Table, [.. guesses.Select(model => model.Name)],
            [.. images.Select((image, i) => new PredictedScene(
                image, samples[i], [.. guesses.Select(model => model.Of[i])]))]);
    }

    /// <summary>A row an image with the mean IoU of each model, in percent.</summary>
    public override string ToString()
    {
        string[] head = [$"mIoU (%), {Split}", .. Models];
        var rows = Scenes.Select(scene => (string[])
        [
            $"image {scene.Index}",
            .. scene.Guesses.Select(guess => ResultTable.Number(guess.MeanIou)),
        ]);
        return TextColumns.Of([head, .. rows]);
    }

    private static Segmentation TaskOf(IReadOnlyList<TrainedRun> runs)
    {
        if (runs.Count == 0)
        {
            throw new KdException(
                "ScenePredictions: no run came; expected at least one, as `examine result \"none\" 1`.");
        }

        if (runs.FirstOrDefault(run => run.Task is not Segmentation) is { } other)
        {
            throw new KdException(
                $"Run '{other.Name}': its images have one class each, and no label map to show. Look at its "
                + $"`predictions`, or open a run with `task segmentation`.");
        }

        var stranger = runs.FirstOrDefault(run => run.Task.Data.Fingerprint != runs[0].Task.Data.Fingerprint);
        return stranger is null ? (Segmentation)runs[0].Task : throw new KdException(
            $"ScenePredictions: {runs[0]} and {stranger} have other images; expected runs on one dataset.");
    }

    private static void RequireImages(DenseSet set, string split, IReadOnlyList<int> images)
    {
        if (images.Count == 0)
        {
            throw new KdException(
                "ScenePredictions: no image was asked for; expected at least one index, as [ 0; 5 ].");
        }

        foreach (var image in images.Where(image => image < 0 || image >= set.Count))
        {
            throw new KdException(
                $"ScenePredictions: image {image} was asked for, but the {set.Count} {split} images are 0 to "
                + $"{set.Count - 1}.");
        }
    }

    private static TrainedModel Fitting(TrainedModel teacher, DenseData data) =>
        teacher.Recipe.Task is SegmentationSpec && teacher.Channels == 3
            && teacher.Classes == data.Train.Table.Classes.Count
                ? teacher
                : throw new KdException(
                    $"Teacher '{teacher.Name}' ({teacher.Spec.Name}) takes {teacher.Channels} channels and gives "
                    + $"{teacher.Classes} classes; expected one of segmentation that takes 3 and gives "
                    + $"{data.Train.Table.Classes.Count}, as {data.Name} has.");

    private static List<SceneGuess> Guess(
        Segmentation task, TrainedModel trained, string where, IReadOnlyList<DenseSample> samples,
        CancellationToken cancellation)
    {
        var device = Devices.Select(where);
        using var scope = torch.NewDisposeScope();
        using var inference = torch.inference_mode();
        using var model = trained.Build();
        model.to(device);
        return
        [
            .. samples.Select(sample =>
            {
                cancellation.ThrowIfCancellationRequested();
                return Guess(task, model, sample, device);
            }),
        ];
    }

    private static SceneGuess Guess(
        Segmentation task, Module<Tensor, Tensor> model, DenseSample sample, torch.Device device)
    {
        using var scope = torch.NewDisposeScope();
        var (image, truth) = new DenseBatch([sample], [0], 0).ToTensors(task.Data.Mean, task.Data.Std, device);
        var labels = task.Logits(model, image).argmax(1); // [1, H, W]
        var iou = new MeanIou(task.Data.ClassNames.Count, LabelTable.Ignored);
        iou.Add(labels, truth);
        return new SceneGuess(
            labels.to(torch.uint8).cpu().contiguous().data<byte>().ToArray(), 100 * iou.Result().Mean);
    }
}
