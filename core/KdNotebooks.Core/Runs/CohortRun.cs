using KdNotebooks.Catalogue;
using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Models;
using KdNotebooks.Native;
using KdNotebooks.Recipes;
using KdNotebooks.Results;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Teachers;
using KdNotebooks.Training;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Runs;

/// <summary>The recipes of one stream, from their first weights to their measured numbers.</summary>
internal sealed class CohortRun(
    CohortStream stream, IReadOnlyList<Recipe> recipes, TaskPool tasks, TeacherPool teachers, RunContext context)
{
    private readonly ITask task = tasks.Get(stream.Task, stream.Data, stream.Augmentation);
    private readonly torch.Device device = Devices.Select(stream.Device);

    // Four where a step has as many: batch normalization needs two, and the angles of RKD three.
    private int Tried => Math.Min(stream.BatchSize, 4);

    /// <summary>
    /// Reads what a cache of teacher features on disk was made of, whatever the file system says of it: once in a process.
    /// </summary>
    public void ReadAgain()
    {
        if (stream.Teacher?.Source == TeacherSource.Disk && recipes.Any(recipe => recipe.Distils))
        {
            task.Data.Refresh(Rehash.Unread, context.Cancellation);
        }
    }

    /// <summary>Builds everything, sends zeros through it and throws it away: what cannot be run fails here.</summary>
    /// <exception cref="KdException">Says which recipe, where it is a recipe's fault.</exception>
    public void Rehearse()
    {
        _ = NewCohort(null);
        var maps = Maps(Teacher());
        foreach (var recipe in recipes)
        {
            try
            {
                TorchGenerator.Any(() => Rehearse(recipe, maps));
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
    }

    public IReadOnlyList<RunResult> Run()
    {
        var teacher = Teacher();
        var maps = Maps(teacher);
        var runs = new List<StudentRun>();
        try
        {
            foreach (var recipe in recipes)
            {
                runs.Add(Prepare(recipe, maps));
            }

            NewCohort(teacher).Train(
                [.. runs.Select(run => run.StudentTrainer)], context.Progress, context.Cancellation);
            return [.. runs.Select(Measure)];
        }
        finally
        {
            runs.ForEach(run => run.Dispose());
            teachers.Done(stream);
        }
    }

    private Cohort NewCohort(ITeacher? teacher) => new(
        task, teacher, new StreamOptions(stream.Epochs, stream.BatchSize, stream.Seed, stream.Iterations), device);

    private static TeacherMaps Maps(ITeacher? teacher) => teacher?.Maps ?? TeacherMaps.None;

    private bool Rehearse(Recipe recipe, TeacherMaps maps)
    {
        var images = Tried;
        if (recipe.Teacher is { } spec)
        {
            teachers.Check(spec, task, device);
        }

        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var student = recipe.NewStudent(task);
        using var root = student.Root;
        using var distiller = recipe.NewDistiller(student, maps, task);
        using var trainer = new StudentTrainer(distiller, task, Options(recipe), NoLog.Instance, torch.CPU);
        var batch = task.Blank(images);
        root.train();
        var (outputs, _) = distiller.Forward(
            batch, maps.Shapes.ToDictionary(shape => shape.Key, shape => torch.zeros([images, .. shape.Value])), epoch: 1);
        task.Loss(outputs, batch.Targets);
        RequireStatistics(images, root, distiller.Aligners);
        return true;
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

    private ITeacher? Teacher() => teachers.Get(stream, task, recipes, device);

    private StudentRun Prepare(Recipe recipe, TeacherMaps maps)
    {
        var (trained, check) = recipe.Teacher is { } spec ? teachers.Check(spec, task, device) : default;
        var identity = new RunIdentity(
            recipe, task.Data.Fingerprint, trained?.Fingerprint, recipe.Initial?.Fingerprint());
        var folder = new RunFolder(context.Runs, identity.Id, (path, own) =>
            TrainedModel.Save(path, own.Student.Root, recipe, (int)task.Image[0], task.Outputs));
        folder.WriteManifest(Manifest.Write(identity, task.Data, check, device, "running"));
        return TorchGenerator.Seeded(recipe.Seed, () =>
        {
            // The student before its aligners: methods that share a seed start from one and the same student.
            var student = recipe.NewStudent(task, out var drawn);
            var distiller = recipe.NewDistiller(student, maps, task);
            return new StudentRun(
                recipe, student, distiller, new StudentTrainer(distiller, task, Options(recipe), folder, device), folder,
                () => Manifest.Write(identity, task.Data, check, device, "complete", drawn));
        });
    }

    private static StudentTrainerOptions Options(Recipe recipe) => new(
        $"{recipe.Method} seed {recipe.Seed}", recipe.Optimizer, recipe.Schedule, recipe.ClipNorm, recipe.TaskWeight,
        recipe.Parameters);

    // What is measured is what the files hold: whoever loads them gets the very same numbers.
    private RunResult Measure(StudentRun run)
    {
        var (last, best) = (Kept(run.Recipe, run.Folder.LastStudent), Kept(run.Recipe, run.Folder.BestStudent));
        using var lastRoot = last.Root;
        using var bestRoot = best.Root;
        // Cityscapes keeps its test labels to itself: there the validation images are what is reported.
        var scores = task.Data.Test is null ? null
            : Evaluation.Scores(task, [last, best], "test", device, context.Cancellation);
        List<ResultRow> rows =
        [
            .. Rows(run, run.Folder.Epochs[^1], scores?[0], "last"),
            .. Rows(run, run.Folder.BestEpoch, scores?[1], "best"),
        ];
        rows.ForEach(run.Folder.Note);
        run.Folder.WriteManifest(run.CompleteManifest());
        run.Folder.Complete();
        return new RunResult(run.Recipe, run.Folder.Path, run.Folder.Epochs, rows);
    }

    private INetwork Kept(Recipe recipe, string path)
    {
        var student = TorchGenerator.Any(() => recipe.NewStudent(task));
        Weights.StateDict.LoadInto(path, student.Root);
        student.Root.to(device);
        return student;
    }

    private static IEnumerable<ResultRow> Rows(StudentRun run, EpochRecord epoch, Score? test, string which)
    {
        return test is null
            ? Rows(epoch.Validation, "validation")
            : Rows(test, "test").Concat(Rows(epoch.Validation, "validation"));

        IEnumerable<ResultRow> Rows(Score score, string split) => score.All
            .Select(metric => ResultRow.Of(
                run.Recipe.Method, run.Recipe.Seed, metric.Kind, metric.Value, split, which,
                Path.GetFileName(run.Folder.Path)));
    }

    private sealed record StudentRun(
        Recipe Recipe, INetwork Student, Distiller Distiller, StudentTrainer StudentTrainer, RunFolder Folder,
        Func<string> CompleteManifest) : IDisposable
    {
        public void Dispose()
        {
            StudentTrainer.Dispose();
            Distiller.Dispose();
            Student.Root.Dispose();
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
