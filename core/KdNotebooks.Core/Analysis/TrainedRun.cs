using System.Text.Json;
using System.Text.Json.Nodes;
using KdNotebooks.Data;
using KdNotebooks.Metrics;
using KdNotebooks.Native;
using KdNotebooks.Recipes;
using KdNotebooks.Results;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Teachers;

namespace KdNotebooks.Analysis;

/// <summary>
/// A finished run, opened to be looked at: what its student predicts, what its maps look like beside the teacher's, how
/// its layers compare. The weights are those of the last epoch.
/// </summary>
/// <remarks>
/// A value without native memory: models are loaded for each question and freed before the answer is given. Everything
/// runs in inference mode, on the recipe's device, and stops where the context says so that a question
/// came with, or else the current one.
/// </remarks>
public sealed class TrainedRun
{
    private TrainedRun(string folder, Recipe recipe, ITask task, string? machine) =>
        (Folder, Recipe, Task, Machine) = (folder, recipe, task, machine);

    /// <summary>Where manifest.json, last.safetensors and aligners.safetensors are.</summary>
    public string Folder { get; }

    public Recipe Recipe { get; }

    /// <summary>What it was trained for, on its data.</summary>
    public ITask Task { get; }

    /// <summary>What it was trained with, in words; null where its manifest is of before and does not say.</summary>
    public string? Machine { get; }

    /// <summary>"mlp-1, seed 1".</summary>
    public string Name => $"{Recipe.Method}, seed {Recipe.Seed}";

    /// <exception cref="KdException">Its folder is not there any more, or is no run.</exception>
    public static TrainedRun Open(RunResult run) => Open(run.Folder);

    /// <param name="folder">A run folder, as an experiment leaves it below "runs".</param>
    /// <exception cref="KdException">
    /// The folder is no complete run, or the data that its recipe names has changed since.
    /// </exception>
    public static TrainedRun Open(string folder) => Open(folder, new TaskPool());

    // Runs that are opened together share their data: what is on disk is checked once.
    internal static TrainedRun Open(string folder, TaskPool tasks)
    {
        var manifest = Manifest(folder);
        var recipe = RecipeJson.Read($"{manifest["recipe"]}", Path.Combine(folder, "manifest.json") + ": recipe");
        var task = tasks.Get(recipe.Task, recipe.Data, recipe.Augmentation);
        RequireSame("data", task.Data.Name, $"{manifest["data"]?["fingerprint"]}", task.Data.Fingerprint);
        return new TrainedRun(folder, recipe, task, (string?)manifest["machine"]);
    }

    /// <summary>What the student predicts.</summary>
    /// <param name="split">As in <see cref="Usual"/>.</param>
    /// <param name="images">
    /// Indices into the split; null (the default) for all, or the first few where predictions are as large as images.
    /// </param>
    /// <param name="context">Null for the current one.</param>
    public Predictions Predict(
        string? split = null, IReadOnlyList<int>? images = null, RunContext? context = null) =>
        Predictions.Of(this, Usual(split), images, Stop(context));

    /// <summary>How well the student does, measured again as the task measures.</summary>
    /// <param name="split">As in <see cref="Usual"/>.</param>
    /// <param name="context">Null for the current one.</param>
    public Score Measure(string? split = null, RunContext? context = null) =>
        Measure([this], Usual(split), context)[0];

    /// <summary>How well the students of several runs do, in one pass over the images of the first one's task.</summary>
    internal static IReadOnlyList<Score> Measure(
        IReadOnlyList<TrainedRun> runs, string split, RunContext? context = null)
    {
        var device = Devices.Select(runs[0].Recipe.Device);
        using var scope = torch.NewDisposeScope();
        var students = runs.Select(run => run.Student().Build()).ToList();
        try
        {
            students.ForEach(student => student.Root.to(device));
            return Evaluation.Scores(runs[0].Task, students, split, device, Stop(context));
        }
        finally
        {
            students.ForEach(student => student.Root.Dispose());
        }
    }

    /// <summary>How often each class was taken for each class.</summary>
    /// <param name="split">As in <see cref="Usual"/>.</param>
    /// <exception cref="KdException">The task does not count that.</exception>
    /// <param name="context">Null for the current one.</param>
    public ConfusionMatrix Confusion(string? split = null, RunContext? context = null) =>
        Measure(split, context).Confusion ?? throw new KdException(
        $"Run '{Name}': {Task.GetType().Name} does not count which class is taken for which.");

    /// <inheritdoc cref="ImageMaps.Of"/>
    public ImageMaps Maps(int index, string? split = null) => ImageMaps.Of(this, index, Usual(split));

    /// <inheritdoc cref="ChannelMatch.Of"/>
    public IReadOnlyList<ChannelMatch> Correlation(
        string? split = null, int images = 250, RunContext? context = null) =>
        ChannelMatch.Of(this, Usual(split), images, Stop(context));

    /// <inheritdoc cref="CkaTable.Of"/>
    public CkaTable Cka(CkaOptions? options = null, RunContext? context = null) =>
        CkaTable.Of(this, options ?? new CkaOptions(), Stop(context));

    /// <summary>As <see cref="ResultTable.MachineNote"/>, of runs that are looked at side by side.</summary>
    internal static string MachineNote(IEnumerable<TrainedRun> runs) =>
        Results.MachineNote.Of(runs.Select(run => (run.Recipe.Method, run.Recipe.Seed, run.Machine)));

    public override string ToString() => $"{Name}: {Recipe.Student.Name} on {Task.Data.Name}";

    /// <summary>
    /// The split that was asked for; "test" where none was, or "validation" where the test labels are not published.
    /// </summary>
    internal string Usual(string? split) => split ?? (Task.Data.Test is null ? "validation" : "test");

    /// <summary>How many first images of a split are looked at: all where there are fewer.</summary>
    internal int AtMost(int images, SampleSet all) => images >= 2 ? Math.Min(images, all.Count)
        : throw new KdException($"{Name}: {images} images were asked for; expected at least 2.");

    internal TrainedModel Student() => TrainedModel.Load(Path.Combine(Folder, "last.safetensors"));

    /// <summary>The teacher that the student was held to, checked to be the one that it was.</summary>
    /// <exception cref="KdException">The run has none, or its file has changed since.</exception>
    internal TrainedModel Teacher()
    {
        if (Recipe.Teacher is not { } spec)
        {
            throw new KdException(
                $"Run '{Name}': its student learned alone, so there is no teacher to look at beside it. Open a run "
                + "that was held to a teacher.");
        }

        var teacher = TrainedModel.Load(spec);
        RequireSame("teacher", spec.Weights, $"{Manifest(Folder)["teacher"]?["fingerprint"]}", teacher.Fingerprint);
        return teacher;
    }

    private static CancellationToken Stop(RunContext? context) => (context ?? RunContext.Current).Cancellation;

    private static JsonObject Manifest(string folder)
    {
        var path = Path.Combine(folder, "manifest.json");
        if (!File.Exists(path))
        {
            throw new KdException(
                $"{folder} is no run: it has no manifest.json. Expected the folder of one run, as "
                + "artifacts/NOTEBOOK/runs/METHOD-seedN-HASH.");
        }

        try
        {
            var manifest = JsonNode.Parse(File.ReadAllText(path)) as JsonObject;
            return (string?)manifest?["status"] == "complete" ? manifest : throw new KdException(
                $"{path}: the run is '{manifest?["status"]}', not complete; let it end first.");
        }
        catch (Exception error) when (error is JsonException or IOException or InvalidOperationException)
        {
            throw new KdException($"{path}: {error.Message}", error);
        }
    }

    private static void RequireSame(string what, string name, string then, string now)
    {
        if (then != now)
        {
            throw new KdException(
                $"The {what} '{name}' is not what the run was made with: its fingerprint was {Start(then)} and is "
                + $"{Start(now)}. Bring back the old one, or run the recipe again.");
        }
    }

    private static string Start(string fingerprint) => fingerprint.Length > 12 ? fingerprint[..12] : $"'{fingerprint}'";
}
