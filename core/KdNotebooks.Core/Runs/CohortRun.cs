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

namespace KdNotebooks.Runs;

/// <summary>The recipes of one stream, from their first weights to their measured numbers.</summary>
internal sealed class CohortRun(
    CohortStream stream, IReadOnlyList<Recipe> recipes, TaskPool tasks, TeacherPool teachers, RunContext context)
{
    private readonly ITask task = tasks.Get(stream.Task, stream.Data, stream.Augmentation);
    private readonly torch.Device device = Devices.Select(stream.Device);

    private readonly Dictionary<Recipe, IReadOnlyList<string>> notes = [];

    /// <summary>
    /// Reads what a cache of teacher features on disk was made of, whatever the file system says of it: once in a
    /// process.
    /// </summary>
    public void ReadAgain()
    {
        var looked = recipes.SelectMany(recipe => (recipe.FurtherTeachers ?? []).Select(further => further.Teacher))
            .Concat(recipes.Any(recipe => recipe.Guidance.NeedsTeacher) ? [stream.Teacher!] : []);
        if (looked.Any(teacher => teacher.Source == TeacherSource.Disk))
        {
            task.Data.Refresh(Rehash.Unread, context.Cancellation);
        }
    }

    /// <summary>What the rehearsal said of each recipe, a sentence each.</summary>
    public IReadOnlyDictionary<Recipe, IReadOnlyList<string>> Notes => notes;

    /// <summary>Builds everything, sends images through it and throws it away: what cannot be run fails here.</summary>
    /// <exception cref="KdException">Says which recipe, where it is a recipe's fault.</exception>
    public void Rehearse()
    {
        var (cohort, teacher) = (NewCohort(null), Teacher());
        var rehearsal = new Rehearsal(stream, task, teachers, device, context.Cancellation);
        foreach (var recipe in recipes)
        {
            RequireTeacher(recipe);
            notes[recipe] = rehearsal.Of(recipe, teacher, cohort);
        }
    }

    /// <param name="completed">Told of each run when it is whole.</param>
    public IReadOnlyList<RunResult> Run(Action<RunResult>? completed)
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
            return [.. runs.Select(run => Measured(run, completed))];
        }
        catch (Exception error)
        {
            runs.ForEach(run => run.EndedBy(error));
            throw;
        }
        finally
        {
            runs.ForEach(run => run.Dispose());
            teachers.Done(stream);
        }
    }

    private RunResult Measured(StudentRun run, Action<RunResult>? completed)
    {
        var result = Measure(run);
        completed?.Invoke(result);
        return result;
    }

    private Cohort NewCohort(ITeacher? teacher) => new(
        task, teacher, new StreamOptions(
            stream.Epochs, stream.BatchSize, stream.Seed, stream.Iterations, stream.Accumulate), device);

    private static TeacherMaps Maps(ITeacher? teacher) => teacher?.Maps ?? TeacherMaps.None;

    private void RequireTeacher(Recipe recipe)
    {
        try
        {
            recipe.Teachers.ToList().ForEach(spec => teachers.Check(spec, task, device));
        }
        catch (KdException error)
        {
            throw new KdException($"Recipe '{recipe.Method}': {error.Message}", error);
        }
    }

    private ITeacher? Teacher() => teachers.Get(stream, task, recipes, device);

    private StudentRun Prepare(Recipe recipe, TeacherMaps maps)
    {
        var checks = recipe.Teachers.Select(spec => teachers.Check(spec, task, device)).ToList();
        var identity = new RunIdentity(
            recipe, task.Data.Fingerprint,
            checks.Count == 0 ? null : string.Join(' ', checks.Select(check => check.Model.Fingerprint)),
            recipe.Initial?.Fingerprint(), Machine.Current(device));
        var folder = new RunFolder(
            context.Runs, identity.Id,
            (path, network) => TrainedModel.Save(
                path, network.Root, recipe, (int)task.Image[0], task.Outputs, task.Data.ClassNames),
            context.TensorBoard);
        IReadOnlyList<string>? drawn = null;
        string Says(RunStatus status) => Manifest.Write(
            identity, task.Data, [.. checks.Select(check => (check.Check, check.Model.Fingerprint))], device, status,
            notes[recipe], drawn);
        folder.WriteManifest(Says(RunStatus.Running));
        // Before the student's seed: its average draws nothing of it.
        var average = recipe.Average is { } rule
            ? new AveragedStudent(TorchGenerator.Any(() => recipe.NewStudent(task)), rule)
            : null;
        return TorchGenerator.Seeded(recipe.Seed, () =>
        {
            // The student before its aligners: methods that share a seed start from one and the same student.
            var student = recipe.FirstStudent(task, recipe.Inherited is null ? null : checks[0].Model, out drawn);
            var distiller = recipe.NewDistiller(student, maps, task);
            var trainer = new StudentTrainer(distiller, task, recipe.TrainerOptions(), folder, device, average);
            return new StudentRun(recipe, distiller, trainer, folder, identity.Machine!, average, Says);
        });
    }

    // What is measured is what the files hold: whoever loads them gets the very same numbers.
    private RunResult Measure(StudentRun run)
    {
        List<(string Which, string File, EpochRecord Epoch, Score Validation)> kept =
        [
            ("last", run.Folder.LastStudent, run.Folder.Epochs[^1], run.Folder.Epochs[^1].Validation),
            ("best", run.Folder.BestStudent, run.Folder.BestEpoch, run.Folder.BestEpoch.Validation),
            .. run.Average is null ? []
                : new[] { ("average", run.Folder.AveragedStudent, run.Folder.Epochs[^1], run.Folder.Epochs[^1].Average!) },
        ];
        var scores = Tests(run.Recipe, [.. kept.Select(one => one.File)]);
        // A loss or a model of the reader's may have changed it on the way: then it is no machine that another run has.
        var (then, now) = (run.Machine, Machine.Current(device));
        var machine = then == now ? $"{then}" : $"{then}, at the end {now}";
        List<ResultRow> rows =
            [.. kept.SelectMany((one, i) => Rows(run, one.Validation, scores?[i], one.Which))
                .Select(row => row with { Machine = machine })];
        rows.ForEach(run.Folder.Note);
        run.Folder.WriteManifest(run.Manifest(new RunStatus("complete", Early: run.StudentTrainer.Stopped)));
        run.Folder.Complete();
        return new RunResult(run.Recipe, run.Folder.Path, run.Folder.Epochs, rows) { Notes = notes[run.Recipe] };
    }

    // Cityscapes keeps its test labels to itself: there the validation images are what is reported.
    private IReadOnlyList<Score>? Tests(Recipe recipe, IReadOnlyList<string> files)
    {
        if (task.Data.Test is null)
        {
            return null;
        }

        List<INetwork> networks = [.. files.Select(file => Kept(recipe, file))];
        try
        {
            return Evaluation.Scores(task, networks, "test", device, context.Cancellation);
        }
        finally
        {
            networks.ForEach(network => network.Root.Dispose());
        }
    }

    private INetwork Kept(Recipe recipe, string path)
    {
        var student = TorchGenerator.Any(() => recipe.NewStudent(task));
        Weights.StateDict.LoadInto(path, student.Root);
        student.Root.to(device);
        return student;
    }

    private static IEnumerable<ResultRow> Rows(StudentRun run, Score validation, Score? test, string which)
    {
        return test is null
            ? Rows(validation, "validation")
            : Rows(test, "test").Concat(Rows(validation, "validation"));

        IEnumerable<ResultRow> Rows(Score score, string split) => score.All
            .Select(metric => ResultRow.Of(
                run.Recipe.Method, run.Recipe.Seed, metric.Kind, metric.Value, split, which,
                Path.GetFileName(run.Folder.Path)));
    }

    private sealed record StudentRun(
        Recipe Recipe, Distiller Distiller, StudentTrainer StudentTrainer, RunFolder Folder, Machine Machine,
        AveragedStudent? Average, Func<RunStatus, string> Manifest) : IDisposable
    {
        /// <summary>Says in the manifest what became of it; what it had kept stays.</summary>
        public void EndedBy(Exception error)
        {
            if (Folder.IsComplete)
            {
                return;
            }

            try
            {
                Folder.WriteManifest(Manifest(RunStatus.EndedBy(error, Folder.Epochs.Count)));
            }
            catch (Exception second) when (second is IOException or UnauthorizedAccessException)
            {
                // The disk is full, perhaps: what ended the run is what is to be said.
            }
        }

        public void Dispose()
        {
            StudentTrainer.Dispose();
            Average?.Dispose();
            Distiller.Dispose();
            Distiller.Student.Root.Dispose();
        }
    }
}
