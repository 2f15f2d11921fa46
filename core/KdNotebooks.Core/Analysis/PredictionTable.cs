using KdNotebooks.Data;
using KdNotebooks.Native;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Teachers;

namespace KdNotebooks.Analysis;

/// <summary>One image of a split with what several models predict for it.</summary>
/// <param name="Index">Of the image in its split, from 0.</param>
/// <param name="Truth">The image with what is true of it.</param>
/// <param name="Guesses">One a model, in the order of <see cref="PredictionTable.Models"/>.</param>
public sealed record PredictedImage(int Index, Sample Truth, IReadOnlyList<IPrediction> Guesses);

/// <summary>Some images with their truth beside what several models predict: a value.</summary>
/// <param name="Split">"test", "validation" or "train".</param>
/// <param name="Task">Knows what a prediction means, and shows it.</param>
/// <param name="Models">"none, seed 1", "mlp-1, seed 1"; "teacher NAME" stands first.</param>
/// <param name="Images">In the order that was asked for.</param>
public sealed record PredictionTable(
    string Split, ITask Task, IReadOnlyList<string> Models, IReadOnlyList<PredictedImage> Images)
{
    /// <summary>As <see cref="Results.ResultTable.MachineNote"/>, of the runs that predict.</summary>
    public string MachineNote { get; init; } = "";

    /// <summary>
    /// Predicts with every run's own task. Models are loaded one after the other; the images are read once.
    /// </summary>
    /// <param name="runs">Of one task, on one dataset; at least one.</param>
    /// <param name="images">Indices into the split, from 0; at least one.</param>
    /// <param name="split">
    /// "test", "validation" or "train"; null is "test", or "validation" where the test labels are not published.
    /// </param>
    /// <param name="teacher">Shown too, before the runs; the default value null shows none.</param>
    /// <param name="context">Stops after the current batch where it says so; null for the current one.</param>
    /// <exception cref="KdException">
    /// Runs of other tasks or images, no run, no such image, or a teacher of other classes.
    /// </exception>
    public static PredictionTable Of(
        IReadOnlyList<TrainedRun> runs, IReadOnlyList<int> images, string? split = null, TeacherSpec? teacher = null,
        RunContext? context = null)
    {
        var cancellation = (context ?? RunContext.Current).Cancellation;
        RequireAlike(runs);
        var task = runs[0].Task;
        split = runs[0].Usual(split);
        var set = task.Data.SplitNamed(split);
        Predictions.RequireImages(nameof(PredictionTable), split, set.Count, images);
        var samples = images.Select(set.Load).ToList();
        var guesses = new List<(string Name, IReadOnlyList<IPrediction> Of)>();
        if (teacher is not null)
        {
            var trained = TrainedModel.Load(teacher);
            trained.RequireFit(task);
            guesses.Add(($"teacher {trained.Name}", Guess(task, trained, runs[0].Recipe.Device, (split, images), cancellation)));
        }

        guesses.AddRange(runs.Select(run => (run.Name, Guess(
            run.Task, run.Student(), run.Recipe.Device, (split, images), cancellation))));
        return new PredictionTable(split, task, [.. guesses.Select(model => model.Name)],
            [.. images.Select((image, i) => new PredictedImage(
                image, samples[i], [.. guesses.Select(model => model.Of[i])]))])
        {
            MachineNote = TrainedRun.MachineNote(runs),
        };
    }

    /// <summary>A row an image with what each model says of it.</summary>
    public override string ToString()
    {
        string[] head = [$"{Split} image", "truth", .. Models];
        var rows = Images.Select(image => (string[])
        [
            $"image {image.Index}", Task.Pictures.Truth(image.Truth).Words,
            .. image.Guesses.Select(guess => Task.Pictures.Guess(image.Truth, guess) is var shown
                ? shown.Below.Length > 0 ? shown.Below : shown.Words
                : ""),
        ]);
        var text = TextColumns.Of([head, .. rows]);
        return MachineNote.Length == 0 ? text : $"{text}\n{MachineNote}";
    }

    private static void RequireAlike(IReadOnlyList<TrainedRun> runs)
    {
        if (runs.Count == 0)
        {
            throw new KdException(
                "PredictionTable: no run came; expected at least one, as `examine result \"none\" 1`.");
        }

        if (runs.FirstOrDefault(run => run.Task.Data.Fingerprint != runs[0].Task.Data.Fingerprint
            || run.Task.GetType() != runs[0].Task.GetType()) is { } stranger)
        {
            throw new KdException(
                $"PredictionTable: {runs[0]} and {stranger} have other images or another task; expected runs of one task on "
                + "one dataset.");
        }
    }

    private static IReadOnlyList<IPrediction> Guess(
        ITask task, TrainedModel trained, string where, (string Split, IReadOnlyList<int> Images) what,
        CancellationToken cancellation)
    {
        var device = Devices.Select(where);
        using var scope = torch.NewDisposeScope();
        var network = trained.BuildFor(task.Data);
        using var root = network.Root;
        root.to(device);
        return Evaluation.Run(
            task, [network], new EvaluationRequest(what.Split, what.Images, KeepPredictions: true), device, cancellation)[0]
            .Predictions;
    }
}
