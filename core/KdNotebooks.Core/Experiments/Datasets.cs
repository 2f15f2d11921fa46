using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Experiments;

/// <summary>The datasets that a recipe can name.</summary>
public static class Datasets
{
    private static readonly Dictionary<string, Func<ImageData>> Known = new()
    {
        ["fashion-mnist-mini"] = FashionMnist.Mini,
        ["fashion-mnist"] = () => FashionMnist.Full(),
    };

    /// <summary>What <see cref="DataSpec.Name"/> can be.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Keys];

    /// <exception cref="KdException">The name is not known, or there are no such files or images.</exception>
    public static ImageData Load(DataSpec spec)
    {
        if (!Known.TryGetValue(spec.Name, out var load))
        {
            throw new KdException(
                $"Dataset '{spec.Name}' is not known; the nearest is '{Nearest.Of(spec.Name, Known.Keys)}'. "
                + $"Known: {string.Join(", ", Known.Keys)}.");
        }

        var all = load();
        return spec is { Train: null, Validation: null, Test: null }
            ? all
            : all.Take(
                spec.Train ?? all.Train.Count, spec.Validation ?? all.Validation.Count, spec.Test ?? all.Test.Count);
    }
}
