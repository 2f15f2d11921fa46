using System.Collections.Concurrent;
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
        ["fashion-things"] = spec => FashionThings.Of(Scenes(spec)),
        ["cifar-10"] = Cifars,
        ["cifar-100"] = Cifars,
        ["cityscapes"] = Cityscapes,
        ["coco"] = Coco,
        ["image-folder"] = Images,
        ["imagenet"] = Images,
        ["idx"] = Idx,
    };

    // Readers' own. What they hold is in a run's id by its fingerprint, whatever the name.
    private static readonly ConcurrentDictionary<string, Func<DataSpec, Dataset>> Own = [];

    /// <summary>What <see cref="DataSpec.Name"/> can be: ours, then those that were registered.</summary>
    public static IReadOnlyList<string> Names => [.. Known.Keys, .. Own.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Whether the name is one that somebody registered.</summary>
    public static bool IsOwn(string name) => Own.ContainsKey(name);

    /// <summary>
    /// Makes a dataset of one's own one that a recipe can name: <c>new DataSpec("mine")</c>, or a part of it,
    /// <c>new DataSpec("mine", Train: 100)</c>. What is registered later under a name takes its place.
    /// </summary>
    /// <exception cref="KdException">The name is empty, or one of ours.</exception>
    public static void Register(string name, Dataset data) => Register(name, spec => InPlace(spec, () => data));

    /// <summary>The same for data that is opened when a recipe asks for it; it takes its part itself.</summary>
    /// <exception cref="KdException">The name is empty, or one of ours.</exception>
    public static void Register(string name, Func<DataSpec, Dataset> open) =>
        Own[!string.IsNullOrWhiteSpace(name) && !Known.ContainsKey(name) ? name : throw new KdException(
            $"A dataset of one's own cannot be called '{name}'; expected a name that is not empty and none of "
            + $"{string.Join(", ", Known.Keys)}.")] = open;

    /// <summary>Any dataset; of a name that is not known, the folder of that name in MNIST's layout.</summary>
    /// <exception cref="KdException">The name is not known, or there are no such files or images.</exception>
    public static Dataset Open(DataSpec spec) =>
        (Known.TryGetValue(spec.Name, out var open) || Own.TryGetValue(spec.Name, out open)) ? open(Sound(spec))
            : (spec.Folder ?? IdxFolder.Named(spec.Name)) is { } folder && IdxFiles.Has(folder) ? Idx(spec)
            : throw new KdException(
                $"Dataset '{spec.Name}' is not known; the nearest is '{Nearest.Of(spec.Name, Names)}'. "
                + $"Known: {string.Join(", ", Known.Keys)}. Data of your own"
                + (Own.IsEmpty ? "" : $" ({string.Join(", ", Own.Keys.Order(StringComparer.Ordinal))})")
                + " is registered in a cell before: "
                + $"`Own.data \"{spec.Name}\" dataset`, or KnownDatasets.Register. Files in MNIST's layout are 'idx' "
                + "with their folder (`Idx.at \"folder\"`), or lie in a folder of that name in $KD_DATA.");

    private static DataSpec Sound(DataSpec spec)
    {
        if (Own.ContainsKey(spec.Name))
        {
            return spec;
        }

        if (spec.KeepEmpty && spec.Name != "coco")
        {
            throw new KdException(
                $"Dataset '{spec.Name}' has no images that could be left out; leave out keepEmpty, which is of 'coco'.");
        }

        var isFolder = spec.Name is "image-folder" or "imagenet";
        var isCifar = spec.Name is "cifar-10" or "cifar-100";
        return (spec is { Resize: null, SkipDamaged: false } || isFolder) && (spec.HoldOut is null || isFolder || isCifar)
            ? spec
            : throw new KdException(
                $"Dataset '{spec.Name}' is no folder of images; leave out resize, holdOut and skipDamaged, which are of 'image-folder' and "
                + "'imagenet' (holdOut of 'cifar-10' and 'cifar-100', too).");
    }

    private static Dataset Cifars(DataSpec spec)
    {
        if (spec.Size is not null)
        {
            throw new KdException($"Dataset '{spec.Name}': its images have 32x32 pixels; leave out the size.");
        }

        var all = Cifar.Open(spec.Name, spec.Folder, spec.HoldOut);
        return all.Test is not null || spec.Test is null or 0 ? Part(spec, all) : throw new KdException(
            $"Dataset '{spec.Name}' without images held out reports its test images as validation; leave test images out.");
    }

    private static Dataset Images(DataSpec spec)
    {
        if (spec.Folder is not { } folder)
        {
            throw new KdException(
                $"Dataset '{spec.Name}' is read from a folder that holds train/CLASS/*.jpg and val/CLASS/*.jpg; name the folder "
                + "(`data (ImageFolder.at \"data/flowers\")`, in JSON \"folder\"). datasets.md has the layout.");
        }

        var usual = new ImageFolderOptions();
        var all = ImageFolder.Open(
            folder, new ImageFolderOptions(spec.Size ?? usual.Size, spec.Resize, spec.HoldOut, spec.SkipDamaged), spec.Name);
        return all.Test is not null || spec.Test is null or 0 ? Part(spec, all) : throw new KdException(
            $"Dataset '{spec.Name}' in {folder} has no folder test; leave test images out: what is reported is validation.");
    }

    // Files of one's own in MNIST's layout, in the folder that is said or in the one that has the name.
    private static Dataset Idx(DataSpec spec) => (spec.Folder ?? IdxFolder.Named(spec.Name), spec.Size) switch
    {
        ({ } folder, null) => Part(spec, IdxFolder.Open(folder, spec.Name == "idx" ? null : spec.Name)),
        (null, _) => throw new KdException(
            "Dataset 'idx' is read from a folder in MNIST's layout; name the folder (`data (Idx.at \"data/digits\")`, in "
            + "JSON \"folder\"). datasets.md has the layout."),
        _ => throw new KdException($"Dataset '{spec.Name}': images in files have their size; leave out the size."),
    };

    private static Dataset InPlace(DataSpec spec, Func<Dataset> load) => spec is { Folder: null, Size: null }
        ? Part(spec, load())
        : throw new KdException($"Dataset '{spec.Name}' takes neither a folder nor a size; leave them out. "
            + "Images of your own in MNIST's layout are the dataset 'idx' with their folder.");

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
                test: CityscapesPairs.Has(Path.GetFullPath(folder), "test")))
            : throw new KdException(
                $"Dataset '{spec.Name}': scenes in a folder have their size; leave out the size, or the folder.");
    }

    private static Dataset Cityscapes(DataSpec spec) => spec is { Folder: { } folder, Size: null, Test: null }
        ? Part(spec, CityscapesSet.OpenData(folder))
        : throw new KdException(
            "Dataset 'cityscapes' is read from a folder that holds leftImg8bit and gtFine, in its own size, and has no "
            + "test labels; name the folder (`data (Cityscapes.at \"data/cityscapes\")`), and leave size and test "
            + "images out. datasets.md says where it comes from.");

    private static Dataset Coco(DataSpec spec)
    {
        if (spec is not { Folder: { } folder, Size: null })
        {
            throw new KdException(
                "Dataset 'coco' is read from a folder that holds annotations/instances_*.json and the images, in their own "
                + "size; name the folder (`data (Coco.folder \"data/coco\")`), and leave the size out. datasets.md says "
                + "where it comes from.");
        }

        var all = CocoSet.OpenData(folder, spec.KeepEmpty);
        return all.Test is not null || spec.Test is null or 0 ? Part(spec, all) : throw new KdException(
            $"Dataset 'coco' in {folder} has no annotations/instances_test*.json; leave test images out: what is reported is "
            + "validation, as COCO publishes no labels of its test images.");
    }
}
