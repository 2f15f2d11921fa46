using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Training;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Experiments;

/// <summary>The recipes of one stream, from their first weights to their measured numbers.</summary>
internal sealed class CohortRun(
    Stream stream, IReadOnlyList<Recipe> recipes, TeacherPool teachers, ExperimentOptions options)
{
    private readonly ImageData data = Datasets.Load(stream.Data);
    private readonly torch.Device device = Devices.Select(stream.Device);

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

            NewCohort(teacher).Train([.. runs.Select(run => run.Member)], options.Progress, cancellation);
            return [.. runs.Select(run => Measure(run, cancellation))];
        }
        finally
        {
            runs.ForEach(run => run.Dispose());
        }
    }

    private Cohort NewCohort(ITeacher? teacher) => new(
        data, teacher, new StreamOptions(stream.Epochs, stream.BatchSize, stream.Augmentation, stream.Seed), device);

    private static TeacherMaps Maps(ITeacher? teacher) => teacher?.Maps ?? TeacherMaps.None;

    private void Rehearse(Recipe recipe, TeacherMaps maps)
    {
        // Four where a step has as many: batch normalisation needs two, and the angles of RKD three.
        var images = Math.Min(stream.BatchSize, 4);
        if (recipe.Teacher is { } spec)
        {
            teachers.Check(spec, data, device);
        }

        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        using var student = recipe.NewStudent(data);
        using var distiller = recipe.NewDistiller(student, maps, data);
        using var optimiser = recipe.Optimiser.Build(distiller.Parameters());
        distiller.Forward(
            torch.zeros(images, data.Train.Channels, data.Train.Height, data.Train.Width),
            torch.zeros(images, dtype: torch.int64),
            maps.Shapes.ToDictionary(shape => shape.Key, shape => torch.zeros([images, .. shape.Value])), epoch: 1);
    }

    private ITeacher? Teacher() => teachers.Get(stream, data, recipes, device);

    private StudentRun Prepare(Recipe recipe, TeacherMaps maps)
    {
        var (trained, check) = recipe.Teacher is { } spec ? teachers.Check(spec, data, device) : default;
        var identity = new RunIdentity(recipe, data.Fingerprint, trained?.Fingerprint);
        // The student before its aligners: methods that share a seed start from one and the same student.
        Seed.Set(recipe.Seed);
        var student = recipe.NewStudent(data);
        var distiller = recipe.NewDistiller(student, maps, data);
        var folder = new RunFolder(options.RunsFolder, identity.Id, (path, own) =>
            TrainedModel.Save(path, own.Student, recipe, data.Train.Channels, data.Train.ClassNames.Count));
        folder.WriteManifest(Manifest.Write(identity, data, check, device, "running"));
        var how = new MemberOptions(
            $"{recipe.Method} seed {recipe.Seed}", recipe.Optimiser, recipe.Schedule, recipe.ClipNorm,
            recipe.TaskWeight);
        return new StudentRun(
            recipe, student, distiller, new Member(distiller, how, folder, device), folder,
            () => Manifest.Write(identity, data, check, device, "complete"));
    }

    // What is measured is what the files hold: whoever loads them gets the very same numbers.
    private RunResult Measure(StudentRun run, CancellationToken cancellation)
    {
        using var last = Kept(run.Recipe, run.Folder.LastStudent);
        using var best = Kept(run.Recipe, run.Folder.BestStudent);
        var scores = Classification.Evaluate([last, best], data.Test, data.Mean, data.Std, device, cancellation);
        List<ResultRow> rows =
        [
            .. Rows(run, run.Folder.Epochs[^1], scores[0], "last"),
            .. Rows(run, run.Folder.BestEpoch, scores[1], "best"),
        ];
        rows.ForEach(run.Folder.Note);
        run.Folder.WriteManifest(run.CompleteManifest());
        run.Folder.Complete();
        return new RunResult(run.Recipe, run.Folder.Path, run.Folder.Epochs, rows);
    }

    private Module<Tensor, Tensor> Kept(Recipe recipe, string path)
    {
        var student = recipe.NewStudent(data);
        Interop.StateDict.LoadInto(path, student);
        student.to(device);
        return student;
    }

    private static IEnumerable<ResultRow> Rows(StudentRun run, EpochRecord epoch, Score test, string which)
    {
        ResultRow Row(string metric, double value, string split) => new(
            run.Recipe.Method, run.Recipe.Seed, metric, value, split, which, Path.GetFileName(run.Folder.Path));
        yield return Row("accuracy", test.Accuracy, "test");
        yield return Row("loss", test.Loss, "test");
        yield return Row("accuracy", epoch.ValidationAccuracy, "validation");
        yield return Row("loss", epoch.ValidationLoss, "validation");
    }

    private sealed record StudentRun(
        Recipe Recipe, Module<Tensor, Tensor> Student, Distiller Distiller, Member Member, RunFolder Folder,
        Func<string> CompleteManifest) : IDisposable
    {
        public void Dispose()
        {
            Member.Dispose();
            Distiller.Dispose();
            Student.Dispose();
        }
    }
}
