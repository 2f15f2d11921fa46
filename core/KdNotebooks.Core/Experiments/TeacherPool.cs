using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Runtime;

namespace KdNotebooks.Experiments;

/// <summary>
/// The teachers of an experiment: each is loaded, checked and, where it is cached, passed once for all cohorts.
/// </summary>
internal sealed class TeacherPool(ExperimentOptions options, CancellationToken cancellation) : IDisposable
{
    private readonly Dictionary<string, ITeacher> teachers = [];
    private readonly Dictionary<string, (TrainedModel Model, TeacherCheck Check)> checks = [];

    /// <summary>What the first teacher of the experiment was measured to be worth; null where there was none.</summary>
    public TeacherCheck? FirstCheck => checks.Values.FirstOrDefault().Check;

    /// <summary>Loads and measures a teacher, once.</summary>
    public (TrainedModel Model, TeacherCheck Check) Check(TeacherSpec spec, ImageData data, torch.Device device)
    {
        var key = string.Join('|', spec.Weights, data.Fingerprint);
        if (!checks.TryGetValue(key, out var check))
        {
            var model = TrainedModel.Load(spec.Weights);
            checks[key] = check = (model, TeacherCheck.Of(model, data, device, cancellation));
        }

        return check;
    }

    /// <summary>
    /// A teacher that gives what these recipes of one stream look at, null where they look at nothing; it belongs to the
    /// pool.
    /// </summary>
    public ITeacher? Get(Stream stream, ImageData data, IReadOnlyList<Recipe> recipes, torch.Device device)
    {
        var paths = recipes.SelectMany(recipe => recipe.Guidance.TeacherPaths)
            .Distinct().Order(StringComparer.Ordinal).ToList();
        if (paths.Count == 0)
        {
            return null;
        }

        var (model, _) = Check(stream.Teacher!, data, device);
        var seed = stream.Augmentation.Seed ?? stream.Seed;
        // Only a cache depends on which images were seen: a live teacher serves every stream.
        var views = stream.Teacher!.Source == TeacherSource.Live
            ? ""
            : $"{stream.Augmentation.Padding}|{stream.Augmentation.Flip}|{stream.Augmentation.Views}|{seed}";
        var key = string.Join('|', stream.Teacher, data.Fingerprint, views, string.Join(',', paths), device);
        if (!teachers.TryGetValue(key, out var teacher))
        {
            teachers[key] = teacher = Build(stream, model, data, paths, seed, device);
        }

        return teacher;
    }

    public void Dispose() => teachers.Values.ToList().ForEach(teacher => teacher.Dispose());

    private ITeacher Build(
        Stream stream, TrainedModel trained, ImageData data, IReadOnlyList<string> paths, long seed,
        torch.Device device)
    {
        var model = trained.Build();
        model.to(device);
        var live = new LiveTeacher(model, paths, data.Train.Channels, data.Train.Height, data.Train.Width);
        if (stream.Teacher!.Source == TeacherSource.Live)
        {
            return live;
        }

        var images = new AugmentedImages(data, stream.Augmentation, seed);
        IFeatureStore store = stream.Teacher.Source == TeacherSource.Memory
            ? new MemoryFeatureStore()
            : new DiskFeatureStore(
                stream.Teacher.CacheFolder ?? UserCache.Folder("features"),
                new FeatureKey(trained.Fingerprint, data.Train.Fingerprint, images.Key, paths));
        return new CachedTeacher(live, images, store, device, options.Progress, cancellation);
    }
}
