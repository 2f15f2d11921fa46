using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Training;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Experiments;

/// <summary>The recipes of one stream, from their first weights to their measured numbers.</summary>
internal sealed class CohortRun(Stream stream, IReadOnlyList<Recipe> recipes, TeacherPool teachers, ExperimentOptions options)
{
    private readonly ImageData data = Datasets.Load(stream.Data);
    private readonly torch.Device device = Devices.Select(stream.Device);

    public IReadOnlyList<RunResult> Run(CancellationToken cancellation)
    {
        var teacher = Teacher();
        var shapes = teacher?.Shapes ?? new Dictionary<string, long[]>();
        var runs = new List<StudentRun>();
        try
        {
            // One by one, so that an error in the last recipe still comes before the first step.
            foreach (var recipe in recipes)
            {
                runs.Add(Prepare(recipe, shapes));
            }

            var cohort = new Cohort(
                data, teacher, new StreamOptions(stream.Epochs, stream.BatchSize, stream.Augmentation, stream.Seed), device);
            cohort.Train([.. runs.Select(run => run.Member)], options.Progress, cancellation);
            return [.. runs.Select(Measure)];
        }
        finally
        {
            runs.ForEach(run => run.Dispose());
        }
    }

    private ITeacher? Teacher()
    {
        var paths = recipes.SelectMany(recipe => recipe.Connections.Select(connection => connection.Teacher))
            .Concat(recipes.Where(recipe => recipe.Logits is not null).Select(_ => TapSet.Output))
            .Distinct().Order(StringComparer.Ordinal).ToList();
        return paths.Count == 0 ? null : teachers.Get(stream, data, paths, device);
    }

    private StudentRun Prepare(Recipe recipe, IReadOnlyDictionary<string, long[]> shapes)
    {
        var (trained, check) = recipe.Teacher is { } spec ? teachers.Check(spec, data, device) : default;
        var identity = new RunIdentity(recipe, data.Fingerprint, trained?.Fingerprint);
        // The student before its aligners: methods that share a seed start from one and the same student.
        Seed.Set(recipe.Seed);
        var student = recipe.Student.Build(data.Train.Channels, data.Train.ClassNames.Count);
        var distiller = new Distiller(
            student, recipe.Connections, recipe.Logits, shapes, data.Train.Channels, data.Train.Height, data.Train.Width);
        var folder = new RunFolder(options.RunsFolder, identity.Id, (path, own) =>
            TrainedModel.Save(path, own.Student, recipe, data.Train.Channels, data.Train.ClassNames.Count));
        folder.WriteManifest(Manifest.Write(identity, data, check, device, "running"));
        var member = new Member(
            distiller,
            new MemberOptions($"{recipe.Method} seed {recipe.Seed}", recipe.Optimiser, recipe.Schedule, recipe.ClipNorm),
            folder,
            device);
        return new StudentRun(recipe, student, distiller, member, folder, () => Manifest.Write(identity, data, check, device, "complete"));
    }

    private RunResult Measure(StudentRun run)
    {
        using var best = recipeModel(run.Recipe);
        Interop.StateDict.LoadInto(run.Folder.BestStudent, best);
        best.to(device);
        var scores = Classification.Evaluate([run.Student, best], data.Test, data.Mean, data.Std, device);
        var rows = Rows(run, run.Folder.Epochs[^1], scores[0], "last").Concat(Rows(run, run.Folder.BestEpoch, scores[1], "best")).ToList();
        rows.ForEach(run.Folder.Note);
        run.Folder.WriteManifest(run.CompleteManifest());
        run.Folder.Complete();
        return new RunResult(run.Recipe, run.Folder.Path, run.Folder.Epochs, rows);

        Module<Tensor, Tensor> recipeModel(Recipe recipe) =>
            recipe.Student.Build(data.Train.Channels, data.Train.ClassNames.Count);
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
