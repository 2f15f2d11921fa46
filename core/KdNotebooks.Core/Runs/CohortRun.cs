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
        if (stream.Teacher?.Source == TeacherSource.Disk && recipes.Any(recipe => recipe.Distils))
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

    private void RequireTeacher(Recipe recipe)
    {
        try
        {
            _ = recipe.Teacher is { } spec ? teachers.Check(spec, task, device) : default;
        }
        catch (KdException error)
        {
            throw new KdException($"Recipe '{recipe.Method}': {error.Message}", error);
        }
    }

    private ITeacher? Teacher() => teachers.Get(stream, task, recipes, device);

    private StudentRun Prepare(Recipe recipe, TeacherMaps maps)
    {
        var (trained, check) = recipe.Teacher is { } spec ? teachers.Check(spec, task, device) : default;
        var identity = new RunIdentity(
            recipe, task.Data.Fingerprint, trained?.Fingerprint, recipe.Initial?.Fingerprint(),
            Machine.Current(device));
        var folder = new RunFolder(context.Runs, identity.Id, (path, own) =>
            TrainedModel.Save(path, own.Student.Root, recipe, (int)task.Image[0], task.Outputs));
        folder.WriteManifest(Manifest.Write(identity, task.Data, check, device, "running", notes[recipe]));
        return TorchGenerator.Seeded(recipe.Seed, () =>
        {
            // The student before its aligners: methods that share a seed start from one and the same student.
            var student = recipe.FirstStudent(task, recipe.Inherited is null ? null : trained, out var drawn);
            var distiller = recipe.NewDistiller(student, maps, task);
            return new StudentRun(
                recipe, student, distiller,
                new StudentTrainer(distiller, task, recipe.TrainerOptions(), folder, device), folder,
                identity.Machine!,
                () => Manifest.Write(identity, task.Data, check, device, "complete", notes[recipe], drawn));
        });
    }

    // What is measured is what the files hold: whoever loads them gets the very same numbers.
    private RunResult Measure(StudentRun run)
    {
        var (last, best) = (Kept(run.Recipe, run.Folder.LastStudent), Kept(run.Recipe, run.Folder.BestStudent));
        using var lastRoot = last.Root;
        using var bestRoot = best.Root;
        // Cityscapes keeps its test labels to itself: there the validation images are what is reported.
        var scores = task.Data.Test is null ? null
            : Evaluation.Scores(task, [last, best], "test", device, context.Cancellation);
        // A loss or a model of the reader's may have changed it on the way: then it is no machine that another run has.
        var (then, now) = (run.Machine, Machine.Current(device));
        var machine = then == now ? $"{then}" : $"{then}, at the end {now}";
        List<ResultRow> rows =
        [
            .. Rows(run, run.Folder.Epochs[^1], scores?[0], "last").Select(row => row with { Machine = machine }),
            .. Rows(run, run.Folder.BestEpoch, scores?[1], "best").Select(row => row with { Machine = machine }),
        ];
        rows.ForEach(run.Folder.Note);
        run.Folder.WriteManifest(run.CompleteManifest());
        run.Folder.Complete();
        return new RunResult(run.Recipe, run.Folder.Path, run.Folder.Epochs, rows) { Notes = notes[run.Recipe] };
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
        Machine Machine, Func<string> CompleteManifest) : IDisposable
    {
        public void Dispose()
        {
            StudentTrainer.Dispose();
            Distiller.Dispose();
            Student.Root.Dispose();
        }
    }
}
