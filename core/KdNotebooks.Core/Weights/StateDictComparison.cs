using KdNotebooks.Runtime;
using ScalarType = TorchSharp.torch.ScalarType;

namespace KdNotebooks.Weights;

/// <summary>Compares a file with a module before a copy, since TorchSharp's own strict check names no key.</summary>
internal static class StateDictComparison
{
    private const string Counter = "num_batches_tracked";

    /// <param name="refused">What the file has and cannot be read, by its name there, with the reason.</param>
    /// <exception cref="KdException">One message with all that is missing, unexpected and different.</exception>
    internal static void RequireSame(
        string file, Dictionary<string, TensorInfo> source, Dictionary<string, Tensor> target,
        IReadOnlyDictionary<string, string> refused, string prefix)
    {
        if (Differences(source, target) is { } differences)
        {
            var unread = target.Keys.Where(name => !source.ContainsKey(name) && refused.ContainsKey(prefix + name))
                .Select(name => $"{name} ({refused[prefix + name]})").ToArray();
            throw new KdException(
                $"{file} does not fit the module. {differences} "
                + (unread.Length > 0 ? $"There, but not to be read: {NameList.Capped(unread)}. " : "")
                + "Build the module as the file's was, or give the prefix under which the file holds it.");
        }
    }

    /// <summary>
    /// The tensors of those layers that differ in nothing but their first size, the number of classes: what another
    /// classifier is. A layer is taken whole or not at all.
    /// </summary>
    internal static IReadOnlyList<string> OtherClasses(
        Dictionary<string, TensorInfo> source, Dictionary<string, Tensor> target)
    {
        return [.. target.Keys.GroupBy(Layer).Where(IsOther).SelectMany(layer => layer)];

        static string Layer(string name) => name[..(name.LastIndexOf('.') + 1)];

        bool IsOther(IEnumerable<string> layer) => layer.All(name => source.TryGetValue(name, out var info)
            && info.Shape.Count == target[name].dim() && info.Shape.Count > 0 && info.Shape[0] != target[name].shape[0]
            && info.Shape.Skip(1).SequenceEqual(target[name].shape.Skip(1)));
    }

    /// <summary>All that is missing, unexpected and different, in three sentences; null where nothing is.</summary>
    internal static string? Differences(Dictionary<string, TensorInfo> source, Dictionary<string, Tensor> target)
    {
        var missing = target.Keys.Where(name => !source.ContainsKey(name) && !IsCounter(name, target)).ToArray();
        // A normalization that never changes has no counter; PyTorch's drops one that a file has, too.
        var unexpected = source.Keys.Where(name => !target.ContainsKey(name) && !IsCounter(name, target)).ToArray();
        var different = target.Where(pair => source.TryGetValue(pair.Key, out var info) && !Fits(info, pair.Value))
            .Select(pair => $"{pair.Key} (file {Text(source[pair.Key])}, module {Text(pair.Value)})").ToArray();
        return missing.Length + unexpected.Length + different.Length == 0 ? null
            : $"Missing in the file: {NameList.Capped(missing)}. Unexpected in the file: {NameList.Capped(unexpected)}. "
                + $"Different: {NameList.Capped(different)}.";
    }

    // PyTorch forgives the same: counters came with 0.4.1, and nothing but a moving mean without momentum reads them.
    internal static bool IsCounter(string name, IReadOnlyDictionary<string, Tensor> target) =>
        (name == Counter || name.EndsWith($".{Counter}", StringComparison.Ordinal))
        && target.ContainsKey(name[..^Counter.Length] + "running_mean");

    private static bool Fits(TensorInfo info, Tensor tensor) =>
        info.Shape.SequenceEqual(tensor.shape) && Kind(info.Dtype) == Kind(tensor.dtype);

    // Among floats, and among integers, the module's own dtype wins; a float cut to an integer would be a silent loss.
    private static int Kind(ScalarType type) => type switch
    {
        ScalarType.Bool => 0,
        ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64 => 1,
        _ => 2,
    };

    private static string Text(TensorInfo info) => Text(info.Dtype, info.Shape);

    private static string Text(Tensor tensor) => Text(tensor.dtype, tensor.shape);

    private static string Text(ScalarType type, IEnumerable<long> shape) =>
        $"{SafeTensorsDtype.NameOf(type) ?? type.ToString()} [{string.Join(", ", shape)}]";
}
