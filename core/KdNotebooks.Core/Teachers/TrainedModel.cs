using System.Globalization;
using System.Text.Json;
using KdNotebooks.Data;
using KdNotebooks.Models;
using KdNotebooks.Native;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Weights;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Teachers;

/// <summary>
/// A trained model: in a safetensors file that says in its metadata what it is (the shape of the model, the images it takes, the
/// recipe that trained it), or in any file of weights, for a network that is named beside it. The file is data: nothing in it is
/// run.
/// </summary>
/// <param name="Name">The package's name for it, or the file's.</param>
/// <param name="Channels">Of the image.</param>
/// <param name="Classes">How many logits.</param>
/// <param name="Recipe">The recipe that trained it; where the file does not say, one that has the network and nothing else.</param>
/// <param name="Path">Where the weights are.</param>
/// <param name="Fingerprint">SHA-256 of the file, 64 lower-case hex digits.</param>
public sealed record TrainedModel(
    string Name, IModelSpec Spec, int Channels, int Classes, Recipe Recipe, string Path, string Fingerprint)
{
    private readonly WeightsChoice? choice;

    /// <summary>Whether nothing but its network is known: not what it was trained for, nor on which images.</summary>
    internal bool IsWeightsAlone => choice is not null;

    /// <summary>
    /// What its images are normalized by; null (the default) as the data that it is shown. A file does not say it.
    /// </summary>
    public InputNormalization? Normalization { get; init; }

    /// <summary>
    /// The name of its class 0, of class 1, and so on; null where its file does not say (files of before do not).
    /// </summary>
    public IReadOnlyList<string>? ClassNames => NamesText is null ? null : JsonSerializer.Deserialize<string[]>(NamesText);

    private string? NamesText { get; init; } // text: a record compares lists by reference

    private const string ChannelsKey = "channels", ClassesKey = "classes", RecipeKey = "recipe", NamesKey = "classNames";

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

        using var opened = WeightsFile.Open(path);
        var file = opened as SafeTensorsFile ?? throw new KdException(
            $"{path}: is a file of PyTorch's, which does not say which network it is for; expected one to be named beside it (in F#: "
            + "`Pretrained.weights FILE NETWORK`).");
        var recipe = RecipeJson.Read(Metadata(file, RecipeKey), $"{path}: metadata '{RecipeKey}'");
        return new TrainedModel(
            System.IO.Path.GetFileNameWithoutExtension(path), recipe.Student, Number(file, ChannelsKey),
            Number(file, ClassesKey), recipe, path, Sha256.OfFile(path))
        {
            NamesText = Names(file),
        };
    }

    /// <summary>A recipe's teacher.</summary>
    /// <exception cref="KdException">
    /// There is no such file, it does not say which network it is for and none is named, or its tensors are not the network's: all
    /// that differs is named.
    /// </exception>
    public static TrainedModel Load(TeacherSpec teacher)
    {
        if (teacher.Network is null)
        {
            return teacher is { Entry: null, Prefix: null }
                ? Load(teacher.Weights) with { Normalization = teacher.Normalization }
                : throw new KdException(
                $"Teacher '{teacher.Weights}': an entry or a prefix is chosen, and no network is named; expected the network that "
                + "the weights are for (in F#: `Pretrained.weights FILE NETWORK`).");
        }

        var path = Packaged.Contains(teacher.Weights) ? Unpack(teacher.Weights) : teacher.Weights;
        var choice = new WeightsChoice(teacher.Entry, teacher.Prefix);
        using var file = WeightsFile.Open(path, choice.Entry);
        var (channels, classes) = ClassCount.Of(file, teacher.Network, choice.Prefix);
        var recipe = new Recipe
        {
            Method = "weights",
            Data = new DataSpec(teacher.Network.UsualData),
            Student = teacher.Network,
        };
        return new TrainedModel(
            System.IO.Path.GetFileNameWithoutExtension(path), teacher.Network, channels, classes, recipe, path,
            Sha256.OfFile(path), choice)
        {
            Normalization = teacher.Normalization,
        };
    }

    private TrainedModel(
        string name, IModelSpec spec, int channels, int classes, Recipe recipe, string path, string fingerprint,
        WeightsChoice choice)
        : this(name, spec, channels, classes, recipe, path, fingerprint) => this.choice = choice;

    /// <summary>Writes a model with what is needed to build it again; beside first, then in place.</summary>
    /// <param name="classNames">
    /// One a class, so that a student of other data is told where their order differs; null (the default) says nothing.
    /// </param>
    public static void Save(
        string path, Module model, Recipe recipe, int channels, int classes, IReadOnlyList<string>? classNames = null)
    {
        var metadata = new Dictionary<string, string>
        {
            [ChannelsKey] = channels.ToString(CultureInfo.InvariantCulture),
            [ClassesKey] = classes.ToString(CultureInfo.InvariantCulture),
            [RecipeKey] = RecipeJson.Write(recipe),
        };
        if (classNames?.Count == classes)
        {
            metadata[NamesKey] = JsonSerializer.Serialize(classNames);
        }

        StateDict.Save(path, model, metadata);
    }

    /// <summary>Builds the model with its weights, in evaluation mode.</summary>
    /// <exception cref="KdException">The weights do not fit the model; the message names all that differ.</exception>
    public INetwork Build()
    {
        var network = Network.Of(TorchGenerator.Any(() => Spec.Build(Channels, Classes)));
        StateDict.Load(Path, network.Root, choice);
        network.Root.eval();
        return network;
    }

    /// <summary>The same for images that are normalized as this data's are; it brings them to its own normalization.</summary>
    /// <exception cref="KdException">Its normalization is of other channels.</exception>
    internal INetwork BuildFor(Dataset data)
    {
        var network = Build();
        try
        {
            return Renormalized.Of(network, Normalization, data);
        }
        catch (KdException error)
        {
            network.Root.Dispose();
            throw new KdException($"Teacher '{Name}': {error.Message}", error);
        }
    }

    /// <summary>
    /// How the network's names stand in a file that was not written here: "r34.pth, entry 'model', below 'module.': 218 tensors".
    /// Null where they stand as they are, alone in the file.
    /// </summary>
    internal string? Found()
    {
        if (!IsWeightsAlone)
        {
            return null;
        }

        using var model = TorchGenerator.Any(() => Spec.Build(Channels, Classes));
        var loaded = StateDict.Load(Path, model, choice);
        return loaded is { Entry: "", Matched: null, Renamed: [], Outside: [] } ? null : loaded.ToString();
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
        using var file = WeightsFile.Open(Path, choice?.Entry);
        try
        {
            return StateDict.LoadParts(file, student.Root, paths, choice?.Prefix);
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

    /// <summary>
    /// What is wrong with the order of its classes, in words that go on from its name; null where nothing is, or where
    /// nobody can say, for it does not name them, or names other ones.
    /// </summary>
    internal string? WrongOrder(ITask task)
    {
        if (Stranger(task) is not { } at || !ClassNames!.Order().SequenceEqual(task.Data.ClassNames.Order()))
        {
            return null;
        }

        var differ = Enumerable.Range(0, Classes).Count(i => ClassNames![i] != task.Data.ClassNames[i]);
        return $"it has the classes of {task.Data.Name} in another order ({differ} of {Classes} differ: its class {at} is "
            + $"'{ClassNames![at]}', the data's is '{task.Data.ClassNames[at]}')";
    }

    /// <summary>The first class that it calls otherwise than the data; null where there is none, or it names none.</summary>
    internal int? Stranger(ITask task) => ClassNames is { } names && names.Count == task.Data.ClassNames.Count
        ? Enumerable.Range(0, names.Count).Where(i => names[i] != task.Data.ClassNames[i]).Select(i => (int?)i).FirstOrDefault()
        : null;

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

        if (WrongOrder(task) is { } order)
        {
            throw new KdException(
                $"Teacher '{Name}' ({Spec.Name}): {order}. It cannot be measured there; bring the data's classes into its order, "
                + "or hold students to its maps alone (`connect`, without `logits`).");
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

        if (!IsWeightsAlone && Recipe.Task.GetType() != task.Spec.GetType())
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
            + $"{nameof(TrainedModel)}.{nameof(Save)} or `kd teacher train` wrote, or a network beside the file (in F#: "
            + "`Pretrained.weights FILE NETWORK`).");

    private static string? Names(SafeTensorsFile file)
    {
        if (!file.Metadata.TryGetValue(NamesKey, out var text))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<string[]>(text) is { } names && names.Length == Number(file, ClassesKey)
                && !names.Contains(null) ? text : throw new JsonException("expected one name a class");
        }
        catch (JsonException error)
        {
            throw new KdException($"{file.Path}: metadata '{NamesKey}': {error.Message}", error);
        }
    }

    private static int Number(SafeTensorsFile file, string key) =>
        int.TryParse(Metadata(file, key), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is > 0 and <= 100_000
                ? number
                : throw new KdException(
                    $"{file.Path}: metadata '{key}' is '{Metadata(file, key)}'; expected a number from 1 to 100000.");
}
