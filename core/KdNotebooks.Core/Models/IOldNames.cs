using static TorchSharp.torch.nn;

namespace KdNotebooks.Models;

/// <summary>
/// A module whose tensors had other names in older files. Newer versions of torchvision write some of its detectors' convolutions
/// as a sequence with what follows them, and read files of before by the same rules (its modules' <c>_load_from_state_dict</c>,
/// version 2).
/// </summary>
internal interface IOldNames
{
    /// <summary>Names below the module, of before and of now.</summary>
    IEnumerable<(string Before, string Now)> OldNames { get; }
}

/// <summary>The old names of all modules of a network.</summary>
internal static class OldNames
{
    /// <summary>From the name of before to that of now.</summary>
    public static IReadOnlyDictionary<string, string> Of(Module root)
    {
        var names = new Dictionary<string, string>();
        foreach (var (path, module) in ModuleTable.Paths(root))
        {
            foreach (var (before, now) in (module as IOldNames)?.OldNames ?? [])
            {
                var below = path.Length == 0 ? "" : path + ".";
                names[below + before] = below + now;
            }
        }

        return names;
    }

    /// <summary>The weight and the bias of a convolution that was called otherwise.</summary>
    public static IEnumerable<(string Before, string Now)> Convolution(string before, string now) =>
        new[] { "weight", "bias" }.Select(each => ($"{before}.{each}", $"{now}.{each}"));
}
