using KdNotebooks.Data;
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
    private readonly Dictionary<(TeacherSpec Weights, string Data, ITaskSpec Task), (TrainedModel Model, TeacherCheck Check)>
        checks = [];

    /// <summary>What the first teacher of the experiment was measured to be worth; null where there was none.</summary>
    public TeacherCheck? FirstCheck => checks.Values.FirstOrDefault().Check;

    /// <summary>
    /// Loads and measures a teacher, once; one of other classes is only loaded: maps are all that it can teach by.
    /// </summary>
    public (TrainedModel Model, TeacherCheck Check) Check(TeacherSpec spec, ITask task, torch.Device device)
    {
        // A task's windows change what is measured, and how its outputs are kept does not.
        var key = (spec with { Source = TeacherSource.Live, CacheFolder = null }, task.Data.Fingerprint, task.Spec);
        if (!checks.TryGetValue(key, out var check))
        {
            var model = TrainedModel.Load(spec);
            if (model.Found() is { } found)
            {
                context.Notice($"Teacher '{model.Name}': {found}.");
            }

            checks[key] = check = (model, TeacherCheck.OfMaps(model, task, device, context.Cancellation));
            if (check.Check.Unmeasured is { } why)
            {
                context.Notice($"Teacher '{model.Name}' is not measured: {why}. Students are held to its maps alone.");
            }
            else if (model.Stranger(task) is { } at)
            {
                context.Notice(
                    $"Teacher '{model.Name}' calls its class {at} '{model.ClassNames![at]}', and {task.Data.Name} calls it "
                    + $"'{task.Data.ClassNames[at]}': nobody can say by the names whether their order is the same.");
            }
        }

        return check;
    }

    /// <summary>The teacher that a recipe's student inherits from; null where it inherits nothing.</summary>
    public TrainedModel? Testator(Recipe recipe, ITask task, torch.Device device) =>
        recipe.Inherited is null ? null : Check(recipe.Teacher!, task, device).Model;

    /// <summary>
    /// What these recipes of one stream look at, of all their teachers as one; null where they look at nothing. It belongs
    /// to the pool.
    /// </summary>
    /// <exception cref="KdException">A recipe compares logits with a teacher of other classes.</exception>
    public ITeacher? Get(CohortStream stream, ITask task, IReadOnlyList<Recipe> recipes, torch.Device device)
    {
        var held = recipes.Where(recipe => recipe.Guidance.NeedsTeacher).Select(recipe => (recipe, recipe.Guidance)).ToList();
        var first = held.Count == 0 ? null : One(stream.Teacher!, stream, task, held, device);
        var further = recipes
            .SelectMany(recipe => (recipe.FurtherTeachers ?? []).Select(one => (Recipe: recipe, one.Teacher, one.Guidance)))
            .GroupBy(one => one.Teacher.Key)
            .ToDictionary(group => group.Key, group => One(
                group.First().Teacher, stream, task, [.. group.Select(one => (one.Recipe, one.Guidance))], device));
        return further.Count == 0 ? first : new JointTeacher(first, further);
    }

    private ITeacher One(
        TeacherSpec spec, CohortStream stream, ITask task, IReadOnlyList<(Recipe Recipe, Guidance Guidance)> held,
        torch.Device device)
    {
        var paths = held.SelectMany(one => one.Guidance.TeacherPaths).Distinct().Order(StringComparer.Ordinal).ToList();
        var (model, check) = Check(spec, task, device);
        RequireClasses(held, model, check, task);
        RequireCacheable(spec, stream, held.Select(one => one.Recipe).First());
        var seed = stream.Augmentation.Seed ?? stream.Seed;
        // Only a cache depends on which images were seen: a live teacher serves every stream.
        var views = spec.Source == TeacherSource.Live
            ? ""
            : $"{new AugmentedSet(task.Data, task.Augmentation, seed, task.Stride).Key}|{task.Augmentation.Views}";
        var key = string.Join('|', spec.Key, task.Data.Fingerprint, views, string.Join(',', paths), device);
        if (!teachers.TryGetValue(key, out var teacher))
        {
            teachers[key] = teacher = Build(spec, model, task, paths, seed, device, key);
        }

        if (spec.Source == TeacherSource.Memory)
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

    // What is mixed of two images never comes again.
    private static void RequireCacheable(TeacherSpec spec, CohortStream stream, Recipe recipe)
    {
        if (spec.Source != TeacherSource.Live && stream.Augmentation.Steps.Any(step => step is IBatchAugmentation { IsNone: false }))
        {
            throw new KdException(
                $"Recipe '{recipe.Method}': {stream.Augmentation.Key}: images are mixed batch by batch, and no mixture comes again; a cache "
                + "of the teacher's features would be of other images. Take a live teacher (leave `Pretrained.inMemory` or `onDisk` out).");
        }
    }

    private static void RequireClasses(
        IReadOnlyList<(Recipe Recipe, Guidance Guidance)> held, TrainedModel teacher, TeacherCheck check, ITask task)
    {
        if (held.FirstOrDefault(one => one.Guidance.Logits is not null) is not { Recipe: { } recipe, Guidance: { } guidance })
        {
            return;
        }

        var start = $"Recipe '{recipe.Method}': the loss '{guidance.Logits!.Loss.Name}' compares logits class by class, but ";
        const string Mend = "hold the student to its maps alone (`connect`, without `logits`), or take a teacher of these "
            + "classes.";
        if (!teacher.HasClassesOf(task))
        {
            throw new KdException(
                start + $"teacher '{teacher.Name}' gives {teacher.Classes} classes and {task.Data.Name} has {task.Outputs}; {Mend}");
        }

        if (check.Unmeasured is { } why)
        {
            throw new KdException(start + $"teacher '{teacher.Name}': {why}; {Mend}");
        }
    }

    private ITeacher Build(
        TeacherSpec spec, TrainedModel trained, ITask task, IReadOnlyList<string> paths, long seed, torch.Device device,
        string key)
    {
        var network = trained.BuildFor(task.Data);
        network.Root.to(device);
        var live = new LiveTeacher(network, paths, [.. task.Image]);
        if (spec.Source == TeacherSource.Live)
        {
            return live;
        }

        var images = new AugmentedSet(task.Data, task.Augmentation, seed, task.Stride);
        if (spec.Source == TeacherSource.Memory)
        {
            return new CachedTeacher(
                live, images, new MemoryFeatureStore(view => memory.ComesAgain(key, view)), device, context.Progress,
                context.Cancellation);
        }

        // Later runs read it again: on disk every view is worth keeping.
        var store = new DiskFeatureStore(
            spec.CacheFolder ?? UserCache.Folder("features"),
            new FeatureKey(
                trained.Fingerprint, task.Data.Train.Fingerprint, Views(images, spec), live.Paths, FeatureKey.MakerOn(device)));
        return new CachedTeacher(live, images, store, device, context.Progress, context.Cancellation);
    }

    // The same images in the teacher's own terms are other features.
    private static string Views(AugmentedSet images, TeacherSpec spec) =>
        images.Key + (spec.Normalization is { } own ? $", seen with {own}" : "");

    private static string Shown(string path) => path.Length == 0 ? "the logits" : path;
}
