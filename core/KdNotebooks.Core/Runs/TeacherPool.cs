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
    private readonly FeatureMemory memory = new();
    private readonly Dictionary<(string Weights, string Data, ITaskSpec Task), (TrainedModel Model, TeacherCheck Check)>
        checks = [];

    /// <summary>What the first teacher of the experiment was measured to be worth; null where there was none.</summary>
    public TeacherCheck? FirstCheck => checks.Values.FirstOrDefault().Check;

    /// <summary>
    /// Loads and measures a teacher, once; one of other classes is only loaded: maps are all that it can teach by.
    /// </summary>
    public (TrainedModel Model, TeacherCheck Check) Check(TeacherSpec spec, ITask task, torch.Device device)
    {
        var key = (spec.Weights, task.Data.Fingerprint, task.Spec); // a task's windows change what is measured
        if (!checks.TryGetValue(key, out var check))
        {
            var model = TrainedModel.Load(spec.Weights);
            checks[key] = check = (model, TeacherCheck.OfMaps(model, task, device, context.Cancellation));
            if (check.Check.Unmeasured is { } why)
            {
                context.Notice($"Teacher '{model.Name}' is not measured: {why}. Students are held to its maps alone.");
            }
        }

        return check;
    }

    /// <summary>The teacher that a recipe's student inherits from; null where it inherits nothing.</summary>
    public TrainedModel? Testator(Recipe recipe, ITask task, torch.Device device) =>
        recipe.Inherited is null ? null : Check(recipe.Teacher!, task, device).Model;

    /// <summary>
    /// A teacher that gives what these recipes of one stream look at, null where they look at nothing; it belongs to
    /// the pool.
    /// </summary>
    /// <exception cref="KdException">A recipe compares logits with a teacher of other classes.</exception>
    public ITeacher? Get(CohortStream stream, ITask task, IReadOnlyList<Recipe> recipes, torch.Device device)
    {
        var paths = recipes.SelectMany(recipe => recipe.Guidance.TeacherPaths)
            .Distinct().Order(StringComparer.Ordinal).ToList();
        if (paths.Count == 0)
        {
            return null;
        }

        var (model, _) = Check(stream.Teacher!, task, device);
        RequireClasses(recipes, model, task);
        var seed = stream.Augmentation.Seed ?? stream.Seed;
        // Only a cache depends on which images were seen: a live teacher serves every stream.
        var views = stream.Teacher!.Source == TeacherSource.Live
            ? ""
            : $"{new AugmentedSet(task.Data, task.Augmentation, seed, task.Stride).Key}|{task.Augmentation.Views}";
        var key = string.Join('|', stream.Teacher, task.Data.Fingerprint, views, string.Join(',', paths), device);
        if (!teachers.TryGetValue(key, out var teacher))
        {
            teachers[key] = teacher = Build(stream, model, task, paths, seed, device, key);
        }

        if (stream.Teacher.Source == TeacherSource.Memory)
        {
            var images = task.Data.Train.Count;
            var row = sizeof(float) * teacher.Maps.Shapes.Values
                .Sum(shape => shape.Aggregate(1L, (all, length) => all * length));
            memory.Add(
                key, stream, images, images * row, $"{images} images at {string.Join(", ", paths.Select(Shown))}");
        }

        return teacher;
    }

    /// <summary>
    /// When every cohort has asked for its teacher: says what will be kept in memory, where that is much.
    /// </summary>
    /// <exception cref="KdException">It cannot be kept.</exception>
    public void RequireMemory() => memory.Require(SystemMemory.Free(), context.Notice);

    /// <summary>Frees what no later cohort reads.</summary>
    public void Done(CohortStream stream)
    {
        foreach (var key in memory.DoneAfter(stream))
        {
            if (teachers.Remove(key, out var teacher))
            {
                teacher.Dispose();
            }
        }
    }

    public void Dispose() => teachers.Values.ToList().ForEach(teacher => teacher.Dispose());

    private static void RequireClasses(IReadOnlyList<Recipe> recipes, TrainedModel teacher, ITask task)
    {
        if (!teacher.HasClassesOf(task) && recipes.FirstOrDefault(recipe => recipe.Logits is not null) is { } recipe)
        {
            throw new KdException(
                $"Recipe '{recipe.Method}': the loss '{recipe.Logits!.Loss.Name}' compares logits class by class, but "
                + $"teacher '{teacher.Name}' gives {teacher.Classes} classes and {task.Data.Name} has {task.Outputs}; hold "
                + "the student to its maps alone (`connect`, without `logits`), or take a teacher of these classes.");
        }
    }

    private ITeacher Build(
        CohortStream stream, TrainedModel trained, ITask task, IReadOnlyList<string> paths, long seed,
        torch.Device device, string key)
    {
        var network = trained.Build();
        network.Root.to(device);
        var live = new LiveTeacher(network, paths, [.. task.Image]);
        if (stream.Teacher!.Source == TeacherSource.Live)
        {
            return live;
        }

        var images = new AugmentedSet(task.Data, task.Augmentation, seed, task.Stride);
        if (stream.Teacher.Source == TeacherSource.Memory)
        {
            return new CachedTeacher(
                live, images, new MemoryFeatureStore(view => memory.ComesAgain(key, view)), device, context.Progress,
                context.Cancellation);
        }

        // Later runs read it again: on disk every view is worth keeping.
        var store = new DiskFeatureStore(
            stream.Teacher.CacheFolder ?? UserCache.Folder("features"),
            new FeatureKey(
                trained.Fingerprint, task.Data.Train.Fingerprint, images.Key, live.Paths, FeatureKey.MakerOn(device)));
        return new CachedTeacher(live, images, store, device, context.Progress, context.Cancellation);
    }

    private static string Shown(string path) => path.Length == 0 ? "the logits" : path;
}
