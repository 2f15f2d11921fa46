using KdNotebooks.Distillation;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Teachers;

namespace KdNotebooks.Runs;

/// <summary>
/// The teachers of an experiment: each is loaded, checked and, where it is cached, passed once for all cohorts.
/// </summary>
internal sealed class TeacherPool(RunContext context) : IDisposable
{
    private readonly Dictionary<string, ITeacher> teachers = [];
    private readonly Dictionary<(string Weights, string Data, ITaskSpec Task), (TrainedModel Model, TeacherCheck Check)>
        checks = [];

    /// <summary>What the first teacher of the experiment was measured to be worth; null where there was none.</summary>
    public TeacherCheck? FirstCheck => checks.Values.FirstOrDefault().Check;

    /// <summary>Loads and measures a teacher, once.</summary>
    public (TrainedModel Model, TeacherCheck Check) Check(TeacherSpec spec, ITask task, torch.Device device)
    {
        var key = (spec.Weights, task.Data.Fingerprint, task.Spec); // a task's windows change what is measured
        if (!checks.TryGetValue(key, out var check))
        {
            var model = TrainedModel.Load(spec.Weights);
            checks[key] = check = (model, TeacherCheck.Of(model, task, device, context.Cancellation));
        }

        return check;
    }

    /// <summary>
    /// A teacher that gives what these recipes of one stream look at, null where they look at nothing; it belongs to the
    /// pool.
    /// </summary>
    public ITeacher? Get(CohortStream stream, ITask task, IReadOnlyList<Recipe> recipes, torch.Device device)
    {
        var paths = recipes.SelectMany(recipe => recipe.Guidance.TeacherPaths)
            .Distinct().Order(StringComparer.Ordinal).ToList();
        if (paths.Count == 0)
        {
            return null;
        }

        var (model, _) = Check(stream.Teacher!, task, device);
        var seed = stream.Augmentation.Seed ?? stream.Seed;
        // Only a cache depends on which images were seen: a live teacher serves every stream.
        var views = stream.Teacher!.Source == TeacherSource.Live
            ? ""
            : $"{new AugmentedSet(task.Data, task.Augmentation, seed).Key}|{task.Augmentation.Views}";
        var key = string.Join('|', stream.Teacher, task.Data.Fingerprint, views, string.Join(',', paths), device);
        if (!teachers.TryGetValue(key, out var teacher))
        {
            teachers[key] = teacher = Build(stream, model, task, paths, seed, device);
        }

        return teacher;
    }

    public void Dispose() => teachers.Values.ToList().ForEach(teacher => teacher.Dispose());

    private ITeacher Build(
        CohortStream stream, TrainedModel trained, ITask task, IReadOnlyList<string> paths, long seed,
        torch.Device device)
    {
        var network = trained.Build();
        network.Root.to(device);
        var live = new LiveTeacher(network, paths, [.. task.Image]);
        if (stream.Teacher!.Source == TeacherSource.Live)
        {
            return live;
        }

        var images = new AugmentedSet(task.Data, task.Augmentation, seed);
        IFeatureStore store = stream.Teacher.Source == TeacherSource.Memory
            ? new MemoryFeatureStore()
            : new DiskFeatureStore(
                stream.Teacher.CacheFolder ?? UserCache.Folder("features"),
                new FeatureKey(trained.Fingerprint, task.Data.Train.Fingerprint, images.Key, live.Paths));
        return new CachedTeacher(live, images, store, device, context.Progress, context.Cancellation);
    }
}
