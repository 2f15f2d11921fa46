using KdNotebooks.Models;
using KdNotebooks.Runtime;
using Module = TorchSharp.torch.nn.Module;

namespace KdNotebooks.Weights;

/// <summary>
/// A module's parameters and buffers as a safetensors file, under PyTorch's state_dict names; read from such a file, or from
/// one of PyTorch's.
/// </summary>
public static class StateDict
{
    /// <summary>Writes parameters and buffers, <c>num_batches_tracked</c> too.</summary>
    /// <param name="metadata">Free text by name; none by default.</param>
    /// <exception cref="KdException">A tensor cannot be held by the format, or the file cannot be written.</exception>
    public static void Save(string path, Module module, IReadOnlyDictionary<string, string>? metadata = null) =>
        SafeTensors.Write(path, module.state_dict(), metadata);

    /// <inheritdoc cref="LoadInto(WeightsFile, Module, string?)"/>
    public static IReadOnlyList<RenamedTensor> LoadInto(string path, Module module, string? prefix = null)
    {
        using var file = WeightsFile.Open(path);
        return LoadInto(file, module, prefix);
    }

    /// <summary>
    /// Copies a file's tensors into the module, which keeps its own devices, dtypes and memory formats. All names,
    /// shapes and kinds of dtype are compared before the first copy. A normalization whose <c>num_batches_tracked</c>
    /// the file does not hold (PyTorch before 0.4.1 had none) begins to count at 0, as in PyTorch. Names that older
    /// versions of torchvision gave to a detector's tensors are known, and read as those of now.
    /// </summary>
    /// <param name="prefix">
    /// A module path in the file, such as "backbone": only the names below it are taken. Null (the default): the one below
    /// which the module's names stand, if they do not stand at the top; <see cref="Load"/> says which.
    /// </param>
    /// <returns>The tensors that have an older name in the file; usually none.</returns>
    /// <exception cref="KdException">
    /// Lists what is missing, unexpected and different, in one message; the module is unchanged. (Should the disk fail
    /// during the copy, the module is loaded in part, and the message says which tensor could not be read.)
    /// </exception>
    public static IReadOnlyList<RenamedTensor> LoadInto(WeightsFile file, Module module, string? prefix = null) =>
        Read(file, module, prefix, others: false, [], otherClasses: false).Renamed;

    /// <summary>
    /// Copies those tensors of a file into the module that the module has; what else the file holds, such as a
    /// classifier for other classes, is left alone. All of the module's must be there.
    /// </summary>
    /// <inheritdoc cref="LoadInto(WeightsFile, Module, string?)"/>
    public static IReadOnlyList<RenamedTensor> LoadFrom(WeightsFile file, Module module, string? prefix = null) =>
        Read(file, module, prefix, others: true, [], otherClasses: false).Renamed;

    /// <summary>
    /// Copies the weights of a file, whatever its format (<see cref="WeightsFile.Open"/>), into a module that they are for,
    /// as <see cref="LoadInto(WeightsFile, Module, string?)"/>, and says what it did.
    /// </summary>
    /// <param name="choice">Where in the file they are; null (the default) finds them where there is one choice.</param>
    /// <exception cref="KdException">
    /// The file cannot be read, or lists what is missing, unexpected and different; the module is unchanged.
    /// </exception>
    public static LoadedWeights Load(string path, Module module, WeightsChoice? choice = null)
    {
        choice ??= new WeightsChoice();
        using var file = WeightsFile.Open(path, choice.Entry);
        return Read(file, module, choice.Prefix, others: false, [], choice.OtherClasses);
    }

    /// <param name="without">The module's own names that are left as they are.</param>
    /// <inheritdoc cref="LoadFrom(WeightsFile, Module, string?)"/>
    internal static IReadOnlyList<RenamedTensor> LoadFrom(
        WeightsFile file, Module module, string? prefix, IReadOnlyCollection<string> without) =>
        Read(file, module, prefix, others: true, without, otherClasses: false).Renamed;

    /// <summary>
    /// Copies the tensors at and below some module paths from a file into a module that has the same there; all others
    /// stay as they are. All are compared before the first copy.
    /// </summary>
    /// <param name="paths">"head", "backbone.fpn"; "" is the whole module.</param>
    /// <returns>The names that were copied.</returns>
    /// <exception cref="KdException">
    /// A path stands for nothing in the file or in the module, or what stands there differs: all is named in one message.
    /// </exception>
    internal static IReadOnlyList<string> LoadParts(
        WeightsFile file, Module module, IReadOnlyList<string> paths, string? prefix = null)
    {
        var all = module.state_dict();
        var names = Match(file, module, all, prefix).Names;
        var nowhere = paths.Where(path => !names.Keys.Any(name => IsBelow(name, path))
            || !all.Keys.Any(name => IsBelow(name, path))).ToList();
        if (nowhere.Count > 0)
        {
            throw new KdException(string.Join("; ", nowhere.Select(path => NotInBoth(path, names.Keys, module, all))) + ".");
        }

        var target = all.Where(entry => paths.Any(path => IsBelow(entry.Key, path))).ToDictionary();
        var source = names.Where(name => paths.Any(path => IsBelow(name.Key, path)))
            .ToDictionary(name => name.Key, name => file.Entries[name.Value]);
        if (StateDictComparison.Differences(source, target) is { } differences)
        {
            throw new KdException(differences);
        }

        Copy(file, source, target);
        return [.. target.Keys];
    }

    /// <summary>
    /// SHA-256 (lower-case hexadecimal) of names, dtypes, shapes and values of all parameters and buffers: that of the
    /// file that <see cref="Save"/> writes without metadata. Neither strides nor device change it.
    /// </summary>
    public static string Fingerprint(Module module) => SafeTensors.Fingerprint(module.state_dict());

    /// <summary>How a module's names stand in a file; the file's list of tensors alone is looked at.</summary>
    internal static StateDictMatch Match(WeightsFile file, Module module, string? prefix) =>
        Match(file, module, module.state_dict(), prefix);

    /// <summary>The tensors of a module that have an older name in a file; the file's header alone is looked at.</summary>
    internal static IReadOnlyList<RenamedTensor> Renamed(WeightsFile file, Module module, string? prefix) =>
        Renamed(file, Match(file, module, prefix), OldNames.Of(module));

    private static StateDictMatch Match(
        WeightsFile file, Module module, IReadOnlyDictionary<string, Tensor> target, string? prefix)
    {
        var names = target.Keys.Concat(OldNames.Of(module).Where(name => target.ContainsKey(name.Value)).Select(name => name.Key));
        return StateDictMatch.Of(
            file, names.ToHashSet(StringComparer.Ordinal), target.Keys.Count(name => !StateDictComparison.IsCounter(name, target)),
            prefix);
    }

    private static List<RenamedTensor> Renamed(
        WeightsFile file, StateDictMatch match, IReadOnlyDictionary<string, string> names)
    {
        var renamed = names.Where(name => match.Names.ContainsKey(name.Key))
            .Select(name => new RenamedTensor(match.Names[name.Key], name.Value)).ToList();
        return renamed.FirstOrDefault(one => match.Names.ContainsKey(one.Now)) is { } twice
            ? throw new KdException(
                $"{file.Path} holds both '{twice.InFile}' and '{match.Names[twice.Now]}', which are the older and the newer name of "
                + "one tensor; expected one of them.")
            : renamed;
    }

    private static LoadedWeights Read(
        WeightsFile file, Module module, string? prefix, bool others, IReadOnlyCollection<string> without, bool otherClasses)
    {
        var target = module.state_dict().Where(entry => !without.Contains(entry.Key)).ToDictionary();
        var match = Match(file, module, target, prefix);
        var renamed = Renamed(file, match, OldNames.Of(module));
        var now = renamed.ToDictionary(one => one.InFile, one => one.Now);
        var source = match.Names.Select(name => (Info: file.Entries[name.Value], Name: now.GetValueOrDefault(name.Value) ?? name.Key))
            .Where(entry => !others || target.ContainsKey(entry.Name))
            .ToDictionary(entry => entry.Name, entry => entry.Info);
        var left = otherClasses ? StateDictComparison.OtherClasses(source, target) : [];
        foreach (var name in left)
        {
            source.Remove(name);
            target.Remove(name);
        }

        var where = match.Prefix == "" ? file.Path : $"{file.Path} below '{match.Prefix}'";
        StateDictComparison.RequireSame(where, source, target, file.Refused, match.Prefix);
        Copy(file, source, target);
        return new LoadedWeights(
            file.Path, file.Entry, match.Prefix, match.Said, source.Keys.Count(target.ContainsKey), renamed, left,
            [.. match.Outside.Order(StringComparer.Ordinal)]);
    }

    private static void Copy(
        WeightsFile file, Dictionary<string, TensorInfo> source, Dictionary<string, Tensor> target)
    {
        using var noGrad = torch.no_grad();
        foreach (var (name, tensor) in target)
        {
            using var scope = torch.NewDisposeScope();
            if (source.TryGetValue(name, out var info))
            {
                tensor.copy_(file.Load(info.Name));
            }
            else
            {
                tensor.zero_(); // a counter, or the comparison had refused
            }
        }
    }

    private static bool IsBelow(string name, string path) =>
        path.Length == 0 || name == path || name.StartsWith(path + ".", StringComparison.Ordinal);

    private static string NotInBoth(
        string path, IEnumerable<string> names, Module module, Dictionary<string, Tensor> all)
    {
        string[] without =
        [
            .. names.Any(name => IsBelow(name, path)) ? [] : new[] { "the file" },
            .. all.Keys.Any(name => IsBelow(name, path)) ? [] : new[] { "the module" },
        ];
        var known = ModuleTable.Paths(module).Select(entry => entry.Path).Where(name => name.Length > 0);
        return $"'{path}' stands for no weights in {string.Join(" and ", without)}"
            + (Nearest.Of(path, known) is { } nearest && nearest != path ? $" (the module's nearest is '{nearest}')" : "");
    }
}

/// <summary>A tensor that a file holds under an older name.</summary>
/// <param name="InFile">"backbone.fpn.inner_blocks.0.weight".</param>
/// <param name="Now">The module's: "backbone.fpn.inner_blocks.0.0.weight".</param>
public sealed record RenamedTensor(string InFile, string Now);
