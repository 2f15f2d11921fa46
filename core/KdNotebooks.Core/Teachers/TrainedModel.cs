using System.Globalization;
using KdNotebooks.Models;
using KdNotebooks.Native;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Weights;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Teachers;

/// <summary>
/// A trained model in a safetensors file that says in its metadata what it is: the shape of the model, the images it
/// takes, the recipe that trained it. The file is data: nothing in it is run.
/// </summary>
/// <param name="Name">The package's name for it, or the file's.</param>
/// <param name="Channels">Of the image.</param>
/// <param name="Classes">How many logits.</param>
/// <param name="Recipe">The recipe that trained it.</param>
/// <param name="Path">Where the weights are.</param>
/// <param name="Fingerprint">SHA-256 of the file, 64 lower-case hex digits.</param>
public sealed record TrainedModel(
    string Name, IModelSpec Spec, int Channels, int Classes, Recipe Recipe, string Path, string Fingerprint)
{
    private const string ChannelsKey = "channels", ClassesKey = "classes", RecipeKey = "recipe";

    /// <summary>The names of the trained models in the package.</summary>
    public static IReadOnlyList<string> Packaged { get; } =
        [.. Resources().Select(name => name[ResourcePrefix.Length..^Extension.Length]).Order(StringComparer.Ordinal)];

    private const string ResourcePrefix = "Pretrained/", Extension = ".safetensors";

    /// <param name="nameOrPath">One of <see cref="Packaged"/>, or the path of a safetensors file.</param>
    /// <exception cref="KdException">
    /// There is no such model, or the file is not what <see cref="Save"/> writes.
    /// </exception>
    public static TrainedModel Load(string nameOrPath)
    {
        var path = Packaged.Contains(nameOrPath) ? Unpack(nameOrPath) : nameOrPath;
        if (!File.Exists(path))
        {
            throw new KdException(
                $"Trained model '{nameOrPath}' is neither in the package ({string.Join(", ", Packaged)}) nor a file.");
        }

        using var file = SafeTensorsFile.Open(path);
        var recipe = RecipeJson.Read(Metadata(file, RecipeKey), $"{path}: metadata '{RecipeKey}'");
        return new TrainedModel(
            System.IO.Path.GetFileNameWithoutExtension(path), recipe.Student, Number(file, ChannelsKey),
            Number(file, ClassesKey), recipe, path, Sha256.OfFile(path));
    }

    /// <summary>Writes a model with what is needed to build it again; beside first, then in place.</summary>
    public static void Save(string path, Module model, Recipe recipe, int channels, int classes) =>
        StateDict.Save(path, model, new Dictionary<string, string>
        {
            [ChannelsKey] = channels.ToString(CultureInfo.InvariantCulture),
            [ClassesKey] = classes.ToString(CultureInfo.InvariantCulture),
            [RecipeKey] = RecipeJson.Write(recipe),
        });

    /// <summary>Builds the model with its weights, in evaluation mode.</summary>
    /// <exception cref="KdException">The weights do not fit the model; the message names all that differ.</exception>
    public INetwork Build()
    {
        var network = Network.Of(TorchGenerator.Any(() => Spec.Build(Channels, Classes)));
        StateDict.LoadInto(Path, network.Root);
        network.Root.eval();
        return network;
    }

    /// <summary>Gives its weights and statistics below these paths to a student that has the same there.</summary>
    /// <param name="student">Untrained; all else of it stays as it is.</param>
    /// <param name="paths">Of modules, in the teacher as in the student.</param>
    /// <returns>The names of the tensors that were given.</returns>
    /// <exception cref="KdException">
    /// A path is not in both, or what stands there differs; all is named in one message, and the student is unchanged.
    /// </exception>
    internal IReadOnlyList<string> Bequeath(INetwork student, IReadOnlyList<string> paths, ITask task)
    {
        using var file = SafeTensorsFile.Open(Path);
        try
        {
            return StateDict.LoadParts(file, student.Root, paths);
        }
        catch (KdException error)
        {
            var classes = HasClassesOf(task) ? "" :
                $" It tells {Classes} classes apart, {task.Data.Name} has {task.Outputs}: leave out what depends on them.";
            throw new KdException(
                $"Teacher '{Name}' ({Spec.Name}) cannot hand on {string.Join(", ", paths.Select(path => $"'{path}'"))} to "
                + $"its student; expected the same tensors in both (file: the teacher's, module: the student's). "
                + error.Message + classes,
                error);
        }
    }

    /// <summary>Whether its logits are of as many classes as the task's; maps are compared whatever it tells apart.</summary>
    internal bool HasClassesOf(ITask task) => Classes == task.Outputs;

    /// <exception cref="KdException">
    /// It takes other images than the task's, gives other classes, or was made for another task.
    /// </exception>
    internal void RequireFit(ITask task)
    {
        RequireTeachable(task);
        if (!HasClassesOf(task))
        {
            throw new KdException(
                $"{Sizes(task)}. It cannot be measured there; students can still be held to its maps (`connect`), "
                + "without `logits`.");
        }
    }

    /// <summary>As <see cref="RequireFit"/>, for a teacher whose maps alone are looked at.</summary>
    /// <exception cref="KdException">It takes other images than the task's, or was made for another task.</exception>
    internal void RequireTeachable(ITask task)
    {
        if (Channels != task.Image[0])
        {
            throw new KdException($"{Sizes(task)}. Choose a teacher of such images.");
        }

        if (Recipe.Task.GetType() != task.Spec.GetType())
        {
            throw new KdException(
                $"Teacher '{Name}' ({Spec.Name}) was trained for another task than that of its students on "
                + $"{task.Data.Name}; choose a teacher of this task.");
        }
    }

    private string Sizes(ITask task) =>
        $"Teacher '{Name}' takes {Channels} channels and gives {Classes} classes; {task.Data.Name} has "
        + $"{task.Image[0]} and {task.Outputs}";

    private static IEnumerable<string> Resources() => typeof(TrainedModel).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal)
            && name.EndsWith(Extension, StringComparison.Ordinal));

    private static string Unpack(string name)
    {
        var resource = $"{ResourcePrefix}{name}{Extension}";
        using var stream = typeof(TrainedModel).Assembly.GetManifestResourceStream(resource)!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return UserCache.Write("pretrained", bytes.ToArray(), name + Extension);
    }

    private static string Metadata(SafeTensorsFile file, string key) => file.Metadata.TryGetValue(key, out var value)
        ? value
        : throw new KdException(
            $"{file.Path}: the metadata has no '{key}', which says how to build the model; expected a file that "
            + $"{nameof(TrainedModel)}.{nameof(Save)} or `kd teacher train` wrote.");

    private static int Number(SafeTensorsFile file, string key) =>
        int.TryParse(Metadata(file, key), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is > 0 and <= 100_000
                ? number
                : throw new KdException(
                    $"{file.Path}: metadata '{key}' is '{Metadata(file, key)}'; expected a number from 1 to 100000.");
}
