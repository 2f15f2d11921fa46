using KdNotebooks.Catalogue;
using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Native;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Training;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Runs;

/// <summary>
/// Builds each recipe of a stream, sends images through it and throws it away: what cannot be run, or cannot teach,
/// fails here, and what a reader should know is said.
/// </summary>
/// <remarks>
/// On the CPU, where a student's draws are those of torch's one generator. Training seeds it anew: nothing of a
/// rehearsal is left in a run.
/// </remarks>
internal sealed class Rehearsal(
    CohortStream stream, ITask task, TeacherPool teachers, torch.Device device, CancellationToken cancellation)
{
    private const int Looks = 4; // batches: one may hold nothing that a loss looks at

    // Four where a step has as many: batch normalization needs two, and the angles of RKD three.
    private int Tried => Math.Min(stream.BatchSize, 4);

    /// <summary>What is to be said of a recipe before it is trained, a sentence each.</summary>
    /// <exception cref="KdException">It cannot be run; the message says which recipe.</exception>
    public IReadOnlyList<string> Of(Recipe recipe, ITeacher? teacher, Cohort cohort)
    {
        try
        {
            return TorchGenerator.Seeded(recipe.Seed, () =>
            {
                var notes = Try(recipe, teacher?.Maps ?? TeacherMaps.None, cohort);
                return (IReadOnlyList<string>)[.. notes, .. Look(recipe, teacher)];
            });
        }
        catch (KdException error)
        {
            throw new KdException($"Recipe '{recipe.Method}': {error.Message}", error);
        }
        catch (Exception error) when (error is not OperationCanceledException && !PartKinds.IsOurs(recipe.Student))
        {
            // Losses and aligners say themselves what is wrong: what is left is the reader's own model.
            throw new KdException(
                $"Recipe '{recipe.Method}': model '{recipe.Student.Name}': images "
                + $"[{string.Join(", ", [Tried, .. task.Image])}]: {Failure.Line(error)}", error);
        }
    }

    /// <summary>What a first look says of each term, in their order.</summary>
    public IReadOnlyList<TermVerdict> Verdicts(Recipe recipe, ITeacher teacher)
    {
        using var scope = torch.NewDisposeScope();
        var student = recipe.FirstStudent(task, teachers.Testator(recipe, task, device));
        using var root = student.Root;
        using var distiller = recipe.NewDistiller(student, teacher.Maps, task);
        using var trainer = new StudentTrainer(distiller, task, recipe.TrainerOptions(), NoLog.Instance, torch.CPU);
        trainer.SetModes();
        return TeachingCheck.Of(distiller, Batches(teacher));
    }

    private IReadOnlyList<string> Try(Recipe recipe, TeacherMaps maps, Cohort cohort)
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var student = recipe.FirstStudent(task, teachers.Testator(recipe, task, device), out var drawn);
        using var root = student.Root;
        using var distiller = recipe.NewDistiller(student, maps, task);
        using var trainer = new StudentTrainer(distiller, task, recipe.TrainerOptions(), NoLog.Instance, torch.CPU);
        Schedules.RequireFit(recipe.Schedule, cohort.Steps, cohort.StepsPerEpoch);
        var batch = task.Blank(Tried);
        root.train();
        var (outputs, _) = distiller.Forward(batch, maps.Blank(Tried), epoch: 1);
        RequireLabels(recipe);
        if (recipe.TaskWeight > 0)
        {
            task.Loss(outputs, batch.Targets);
        }

        RequireStatistics(Tried, root, distiller.Aligners);
        return
        [
            .. distiller.Notes, .. Drawn(recipe, drawn), .. recipe.Initial?.Renamed(root) ?? [],
            .. RecipeNotes.Of(recipe, cohort.Steps, cohort.StepsPerEpoch),
        ];
    }

    private IEnumerable<string> Drawn(Recipe recipe, IReadOnlyList<string> drawn) => drawn.Count == 0 ? [] :
    [
        $"{recipe.Initial!.File} has no {string.Join(", ", drawn)} for {task.Outputs} classes; they are drawn from the "
            + "seed.",
    ];

    private void RequireLabels(Recipe recipe)
    {
        if (recipe.TaskWeight > 0 && !task.Data.Train.IsLabeled)
        {
            throw new KdException(
                FormattableString.Invariant($"the training images of {task.Data.Name} have no labels, and the task's weight is ")
                + FormattableString.Invariant($"{recipe.TaskWeight}; ") + (recipe.Distils
                    ? "set it to 0 (`taskWeight 0.0`) to learn from the teacher alone."
                    : "a student alone needs labels: leave it out (\"none\"), or train it on images with labels."));
        }
    }

    // Of a single number there is no variance: a normalization notes one that is not finite, and nothing says so.
    private static void RequireStatistics(int images, params Module[] modules)
    {
        var statistics = modules.SelectMany(module => module.buffers()).Where(buffer => buffer.is_floating_point());
        if (statistics.Any(buffer => !buffer.isfinite().all().item<bool>()))
        {
            throw new KdException(
                $"a step of {images} image{(images == 1 ? "" : "s")} is too small for a batch normalization of pooled "
                + "maps, which sees one number a channel; take a batch of at least 2.");
        }
    }

    private IEnumerable<string> Look(Recipe recipe, ITeacher? teacher)
    {
        if (teacher is null || !recipe.Distils)
        {
            return [];
        }

        var verdicts = Verdicts(recipe, teacher);
        return verdicts.FirstOrDefault(verdict => verdict.Refusal is not null) is { } silent
            ? throw new KdException(silent.Refusal!)
            : verdicts.SelectMany(verdict => verdict.Notes);
    }

    // Images as a step has them, with the teacher's outputs; a cache is not asked, and not filled.
    private IEnumerable<(Batch Batch, IReadOnlyDictionary<string, Tensor> Teacher)> Batches(ITeacher teacher)
    {
        var loader = new BatchLoader(task.Data.Train, Tried, stream.Seed, task.Augmentation, dropLast: true);
        var live = JointTeacher.Live(teacher);
        foreach (var pixels in loader.Epoch(1, cancellation).Take(Looks))
        {
            var batch = task.BatchOf(pixels, torch.CPU);
            var seen = device.type == DeviceType.CPU ? batch : task.BatchOf(pixels, device);
            yield return (batch, live.Features(seen).ToDictionary(map => map.Key, map => map.Value.to(torch.CPU)));
        }
    }

    /// <summary>Of a rehearsal nothing is kept.</summary>
    private sealed class NoLog : ITrainingLog
    {
        public static NoLog Instance { get; } = new();

        public string? LastCheckpoint => null;

        public void EpochEnded(EpochRecord record, Distiller distiller)
        {
        }
    }
}
