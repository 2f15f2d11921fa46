using KdNotebooks.Catalogue;
using KdNotebooks.Distillation;
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
    CohortStream stream, IReadOnlyList<Recipe> recipes, TaskPool tasks, TeacherPool teachers, ExperimentOptions options)
{
    private readonly ITask task = tasks.Get(stream.Task, stream.Data, stream.Augmentation);
    private readonly torch.Device device = Devices.Select(stream.Device);

    // Four where a step has as many: batch normalization needs two, and the angles of RKD three.
    private int Tried => Math.Min(stream.BatchSize, 4);

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
                Rehearse(recipe, maps);
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

    public IReadOnlyList<RunResult> Run(CancellationToken cancellation)
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

            NewCohort(teacher).Train([.. runs.Select(run => run.StudentTrainer)], options.Progress, cancellation);
            return [.. runs.Select(run => Measure(run, cancellation))];
        }
        finally
        {
            runs.ForEach(run => run.Dispose());
        }
    }

    private Cohort NewCohort(ITeacher? teacher) => new(
        task, teacher, new StreamOptions(stream.Epochs, stream.BatchSize, stream.Seed, stream.Iterations), device);

    private static TeacherMaps Maps(ITeacher? teacher) => teacher?.Maps ?? TeacherMaps.None;

    private void Rehearse(Recipe recipe, TeacherMaps maps)
    {
        var images = Tried;
        if (recipe.Teacher is { } spec)
        {
            teachers.Check(spec, task, device);
        }

        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        using var student = recipe.NewStudent(task);
        using var distiller = recipe.NewDistiller(student, maps, task);
        using var optimizer = recipe.Optimizer.Build(distiller.Parameters());
        var labels = task.BlankLabels(images);
        var (output, _) = distiller.Forward(
            torch.zeros([images, .. task.Image]), labels,
            maps.Shapes.ToDictionary(shape => shape.Key, shape => torch.zeros([images, .. shape.Value])), epoch: 1);
        task.Loss(output, labels);
        RequireStatistics(images, student, distiller.Aligners);
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
        // The student before its aligners: methods that share a seed start from one and the same student.
        Seed.Set(recipe.Seed);
        var student = recipe.NewStudent(task);
        var distiller = recipe.NewDistiller(student, maps, task);
        var folder = new RunFolder(options.RunsFolder, identity.Id, (path, own) =>
            TrainedModel.Save(path, own.Student, recipe, (int)task.Image[0], task.Data.ClassNames.Count));
        folder.WriteManifest(Manifest.Write(identity, task.Data, check, device, "running"));
        var how = new StudentTrainerOptions(
            $"{recipe.Method} seed {recipe.Seed}", recipe.Optimizer, recipe.Schedule, recipe.ClipNorm,
            recipe.TaskWeight);
        return new StudentRun(
            recipe, student, distiller, new StudentTrainer(distiller, task, how, folder, device), folder,
            () => Manifest.Write(identity, task.Data, check, device, "complete"));
    }

    // What is measured is what the files hold: whoever loads them gets the very same numbers.
    private RunResult Measure(StudentRun run, CancellationToken cancellation)
    {
        using var last = Kept(run.Recipe, run.Folder.LastStudent);
        using var best = Kept(run.Recipe, run.Folder.BestStudent);
        // Cityscapes keeps its test labels to itself: there the validation images are what is reported.
        var scores = task.Data.TestCount > 0 ? task.Evaluate([last, best], "test", device, cancellation) : null;
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

    private Module<Tensor, Tensor> Kept(Recipe recipe, string path)
    {
        var student = recipe.NewStudent(task);
        Weights.StateDict.LoadInto(path, student);
        student.to(device);
        return student;
    }

    private static IEnumerable<ResultRow> Rows(StudentRun run, EpochRecord epoch, Score? test, string which)
    {
        return test is null
            ? Rows(epoch.Validation, "validation")
            : Rows(test, "test").Concat(Rows(epoch.Validation, "validation"));

        IEnumerable<ResultRow> Rows(Score score, string split) => score.Metrics
            .Append(new Metric(MetricNames.Loss, score.Loss))
            .Select(metric => new ResultRow(
                run.Recipe.Method, run.Recipe.Seed, metric.Name, metric.Value, split, which,
                Path.GetFileName(run.Folder.Path)));
    }

    private sealed record StudentRun(
        Recipe Recipe, Module<Tensor, Tensor> Student, Distiller Distiller, StudentTrainer StudentTrainer, RunFolder Folder,
        Func<string> CompleteManifest) : IDisposable
    {
        public void Dispose()
        {
            StudentTrainer.Dispose();
            Distiller.Dispose();
            Student.Dispose();
        }
    }
}
