using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Datasets;

/// <summary>The datasets that a recipe can name.</summary>
public static class KnownDatasets
{
    private static readonly Dictionary<string, Func<DataSpec, Dataset>> Known = new()
    {
        ["fashion-mnist-mini"] = spec => InPlace(spec, FashionMnist.Mini),
        ["fashion-mnist"] = spec => InPlace(spec, () => FashionMnist.Full()),
        ["fashion-scenes"] = Scenes,
        ["cityscapes"] = Cityscapes,
    };

    /// <summary>What <see cref="DataSpec.Name"/> can be.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Keys];

    /// <summary>Any dataset.</summary>
    /// <exception cref="KdException">The name is not known, or there are no such files or images.</exception>
    public static Dataset Open(DataSpec spec) => Known.TryGetValue(spec.Name, out var open)
        ? open(spec)
        : throw new KdException(
            $"Dataset '{spec.Name}' is not known; the nearest is '{Nearest.Of(spec.Name, Known.Keys)}'. "
            + $"Known: {string.Join(", ", Known.Keys)}.");

    private static Dataset InPlace(DataSpec spec, Func<Dataset> load) => spec is { Folder: null, Size: null }
        ? Part(spec, load())
        : throw new KdException($"Dataset '{spec.Name}' takes neither a folder nor a size; leave them out.");

    private static Dataset Part(DataSpec spec, Dataset all) => spec is { Train: null, Validation: null, Test: null }
        ? all
        : all.Take(
            spec.Train ?? all.Train.Count, spec.Validation ?? all.Validation.Count, spec.Test ?? all.Test?.Count ?? 0);

    // Made on first use, or read from the folder that `kd data make fashion-scenes` wrote.
    private static Dataset Scenes(DataSpec spec)
    {
        var usual = new FashionScenesOptions();
        if (spec.Folder is not { } folder)
        {
            return FashionScenes.Make(new FashionScenesOptions(
                spec.Train ?? usual.Train, spec.Validation ?? usual.Validation, spec.Test ?? usual.Test,
                spec.Size ?? usual.Size));
        }

        return spec.Size is null
            ? Part(spec, CityscapesSet.OpenData(
                folder, FashionScenes.Table, FashionScenes.Mean, FashionScenes.Std,
                test: Directory.Exists(Path.Combine(folder, "leftImg8bit", "test"))))
            : throw new KdException(
                $"Dataset '{spec.Name}': scenes in a folder have their size; leave out the size, or the folder.");
    }

    private static Dataset Cityscapes(DataSpec spec) => spec is { Folder: { } folder, Size: null, Test: null }
        ? Part(spec, CityscapesSet.OpenData(folder))
        : throw new KdException(
            "Dataset 'cityscapes' is read from a folder that holds leftImg8bit and gtFine, in its own size, and has no "
            + "test labels; name the folder (`data (Cityscapes.at \"data/cityscapes\")`), and leave size and test "
            + "images out. datasets.md says where it comes from.");
}
