using System.Text.Json.Serialization;
using KdNotebooks.Models;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Weights;

/// <summary>
/// What a student begins with in the place of random weights: those of a model that was trained for something else, as
/// a backbone for ImageNet. What the file holds beside them is not looked at.
/// </summary>
/// <param name="File">
/// A safetensors file or one of PyTorch's (.pth, .pt), with PyTorch's names: "conv1.weight", "layer1.0.conv1.weight", ...
/// </param>
/// <param name="Module">
/// The path of the student's module that they are for; "" is the whole student, classifier and all. The default value
/// is "backbone". A student that has no module of that name is a backbone with a last layer, as a classifier is: it
/// begins with all that the file has, and its last layer keeps what the seed draws where the file has none of this size.
/// </param>
/// <param name="Prefix">
/// What stands before the names in the file, without its last dot; null (the default) finds it.
/// </param>
public sealed record InitialWeights(string File, string Module = "backbone", string? Prefix = null)
{
    private const string Backbone = "backbone";

    /// <summary>Where in a checkpoint they are: "state_dict"; null (the default) finds them where there is one choice.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Entry { get; init; }

    /// <returns>The student's tensors that keep what they were drawn as: none, or those of its last layer.</returns>
    /// <exception cref="KdException">
    /// No such file or module; or tensors are missing or have another shape: all are named.
    /// </exception>
    internal IReadOnlyList<string> LoadInto(Module student)
    {
        using var file = Open();
        if (Module == Backbone && ModuleTable.Paths(student).All(entry => entry.Path != Backbone))
        {
            var drawn = Other(file, student);
            StateDict.LoadFrom(file, student, Prefix, drawn);
            return drawn;
        }

        StateDict.LoadFrom(file, Target(student), Prefix);
        return [];
    }

    /// <summary>
    /// A sentence where the file has a prefix for the student's tensors that the recipe does not name, and one where it has
    /// older names for some; else nothing.
    /// </summary>
    internal IEnumerable<string> Renamed(Module student)
    {
        using var file = Open();
        var target = Module == Backbone && ModuleTable.Paths(student).All(entry => entry.Path != Backbone)
            ? student : Target(student);
        if (Prefix is null && StateDict.Match(file, target, null).Said is { } said)
        {
            yield return $"{File}: the student's tensors are found {said}.";
        }

        if (StateDict.Renamed(file, target, Prefix) is [var first, ..] all)
        {
            yield return $"{File} has older names for {all.Count} tensors, which are read as those of now: {first.InFile} as "
                + first.Now + (all.Count > 1 ? " and so on." : ".");
        }
    }

    /// <summary>SHA-256 of the file, 64 lower-case hex digits.</summary>
    internal string Fingerprint()
    {
        WeightsFile.RequireRegular(File);
        return Sha256.OfFile(File);
    }

    private WeightsFile Open() => WeightsFile.Open(File, Entry);

    private Module Target(Module student)
    {
        try
        {
            return ModuleTable.Find(student, Module);
        }
        catch (KdException error)
        {
            throw new KdException(
                $"{File} cannot be begun with: {error.Message} Module \"\" is the whole student.", error);
        }
    }

    // All of one layer, or none: a bias without its weight is nothing to begin with. Only the number of classes may be
    // another: what differs in more was made for another student.
    private List<string> Other(WeightsFile file, Module student)
    {
        var layer = LastLayer(student);
        var names = StateDict.Match(file, student, Prefix).Names;
        var found = layer.Where(entry => names.ContainsKey(entry.Key)).ToList();
        var others = found.All(entry => file.Entries[names[entry.Key]].Shape is { Count: > 0 } shape
            && entry.Value.dim() == shape.Count && shape.Skip(1).SequenceEqual(entry.Value.shape.Skip(1))
            && shape[0] != entry.Value.shape[0]);
        return others && (found.Count == 0 || found.Count == layer.Count) ? [.. layer.Keys] : [];
    }

    // What gives the classes stands last in a network. One layer alone is no backbone with another behind it.
    private static Dictionary<string, Tensor> LastLayer(Module student)
    {
        var last = student.named_parameters().Select(entry => entry.name).LastOrDefault() ?? "";
        var layer = last[..(last.LastIndexOf('.') + 1)];
        return layer.Length == 0 ? [] : student.state_dict()
            .Where(entry => entry.Key.StartsWith(layer, StringComparison.Ordinal)).ToDictionary();
    }
}
