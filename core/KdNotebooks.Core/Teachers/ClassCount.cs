using KdNotebooks.Models;
using KdNotebooks.Native;
using KdNotebooks.Runtime;
using KdNotebooks.Weights;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Teachers;

/// <summary>For how many channels and classes a network's weights were trained, as their sizes say.</summary>
/// <remarks>
/// No name is looked for: the network is built for two numbers, and the sizes that differ tell how they follow from the number. So
/// a detector's boxes by class, or a background beside the classes, need no word here.
/// </remarks>
internal static class ClassCount
{
    private const int Few = 2, Channels = 3, Most = 100_000;

    /// <exception cref="KdException">The sizes belong to no number, or to several.</exception>
    public static (int Channels, int Classes) Of(WeightsFile file, IModelSpec spec, string? prefix)
    {
        Dictionary<string, long[]> plain;
        IReadOnlyDictionary<string, string> names;
        using (var model = TorchGenerator.Any(() => spec.Build(Channels, Few)))
        {
            names = StateDict.Match(file, model, prefix).Names;
            plain = Shapes(model);
        }

        var classes = Number(file, spec, names, plain, Sizes(spec, Channels, Few + 1), Few, "classes");
        // Built for the colors that most have, unless the file is for others.
        var others = names.Any(name => plain.TryGetValue(name.Key, out var shape) && shape.Length > 1
            && file.Entries[name.Value].Shape.Count == shape.Length && file.Entries[name.Value].Shape[1] != shape[1]);
        return (others ? Number(
            file, spec, names, Sizes(spec, 1, Few), Sizes(spec, 2, Few), 1, "channels") : Channels, classes);
    }

    private static int Number(
        WeightsFile file, IModelSpec spec, IReadOnlyDictionary<string, string> names, Dictionary<string, long[]> first,
        Dictionary<string, long[]> second, int from, string what)
    {
        var found = new SortedSet<long>();
        foreach (var (name, shape) in first)
        {
            if (!names.TryGetValue(name, out var inFile) || file.Entries[inFile].Shape is not { } given || given.Count != shape.Length)
            {
                continue; // missing, or of another kind: loading says so
            }

            for (var i = 0; i < shape.Length; i++)
            {
                if (second[name][i] - shape[i] is var step and not 0)
                {
                    found.Add((given[i] - shape[i]) % step == 0 ? from + ((given[i] - shape[i]) / step) : -1);
                }
            }
        }

        return found is { Count: 1 } && found.Min is > 0 and <= Most and var number ? (int)number : throw new KdException(
            $"{file.Path} does not fit {spec.Name}: the sizes of its tensors belong to "
            + (found.Count == 0 ? $"no number of {what} that could be told" : $"{string.Join(", ", found)} {what} (-1: to none)")
            + $"; expected one number. Name the network that the file is for; it has {NameList.Capped(file.Entries.Keys)}.");
    }

    private static Dictionary<string, long[]> Sizes(IModelSpec spec, int channels, int classes)
    {
        using var model = TorchGenerator.Any(() => spec.Build(channels, classes));
        return Shapes(model);
    }

    private static Dictionary<string, long[]> Shapes(Module model) =>
        model.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.shape);
}
