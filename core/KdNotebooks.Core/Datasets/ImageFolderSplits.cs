using KdNotebooks.Runtime;

namespace KdNotebooks.Datasets;

/// <summary>The splits of a folder of images, as far as names tell.</summary>
/// <param name="All">"train" first, then "val" and "test" where they are.</param>
internal sealed record ImageFolderSplits(string Place, IReadOnlyList<(string Split, ImageFolderFiles Files)> All)
{
    // The second and third as other publishers call them.
    private static readonly (string Split, string[] Folders)[] Known =
        [("train", ["train"]), ("val", ["val", "validation", "valid"]), ("test", ["test"])];

    public static ImageFolderSplits Look(string place) => new(place, [.. Known
        .Select(split => (split.Split, Folder: split.Folders.Select(name => Path.Combine(place, name)).FirstOrDefault(Visible.Any)))
        .Where(split => split.Folder is not null)
        .Select(split => (split.Split, ImageFolderFiles.Look(split.Folder!)))]);

    /// <summary>What would stop a training run.</summary>
    /// <param name="holdOut">The share of the training images that is validation.</param>
    public IEnumerable<DataFinding> Problems(double? holdOut)
    {
        if (!All.Any(one => one.Split == "train"))
        {
            yield return new DataFinding(Path.Combine(Place, "train"), false, (Directory.Exists(Place) ? "is missing or empty"
                : "there is no such folder") + ": expected train/CLASS/*.jpg, and val/CLASS/*.jpg. datasets.md has the layout.");
            yield break;
        }

        var hasValidation = All.Any(one => one.Split == "val");
        if (!hasValidation && holdOut is null)
        {
            yield return new DataFinding(Path.Combine(Place, "val"), false,
                "is missing or empty: expected val/CLASS/*.jpg, or a share of train that is held out "
                + "(`ImageFolder.holdOut 0.1`, in JSON \"holdOut\": 0.1).");
        }

        if (hasValidation && holdOut is not null)
        {
            yield return new DataFinding(Path.Combine(Place, "val"), false,
                $"is there, and a share of train ({holdOut}) is to be held out, too: expected one of both. Leave the share out.");
        }

        foreach (var problem in All.SelectMany(one => one.Files.Problems).Concat(Alone()))
        {
            yield return problem;
        }
    }

    // torchvision would count the classes of each split by themselves, and mean different ones by one number.
    private IEnumerable<DataFinding> Alone() =>
        from one in All
        from other in All
        where one.Split != other.Split && (one.Split == "train" || other.Split == "train")
        from name in one.Files.Classes.Select(files => files.Name).Except(other.Files.Classes.Select(files => files.Name))
        select new DataFinding(
            Path.Combine(one.Files.Folder, name), false,
            $"the class is in {one.Split} and not in {other.Split}: expected the same classes in all splits. Unpack what is missing, "
            + "or remove the class everywhere.");
}
