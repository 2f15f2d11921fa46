using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Datasets;

/// <summary>How a folder of images is read.</summary>
/// <param name="Size">Height and width of what a network sees in evaluation, in pixels. The default value is 224.</param>
/// <param name="Resize">
/// What the shorter side is resized to before the middle is cut out; the default value null means 8/7 of the size, 256 for 224.
/// </param>
/// <param name="HoldOut">
/// The share of each class's training images, the last of them, that is validation where there is no folder val; null (the default)
/// where there is one.
/// </param>
/// <param name="SkipDamaged">
/// Whether images that cannot be read are left out and counted, not refused: every file is then unpacked once, before training.
/// The default value is false.
/// </param>
public sealed record ImageFolderOptions(int Size = 224, int? Resize = null, double? HoldOut = null, bool SkipDamaged = false);

/// <summary>
/// Images in folders that are called by their class: <c>train/CLASS/*</c>, <c>val/CLASS/*</c>, and perhaps <c>test/CLASS/*</c>.
/// ImageNet-1K is unpacked so, and torchvision's <c>ImageFolder</c> reads the same, in the same order.
/// </summary>
public static class ImageFolder
{
    /// <summary>Files that are not looked at in a moment.</summary>
    internal const int Many = 2000;

    private const int MostSize = 8192;

    /// <summary>
    /// Finds the files. What would stop a training run later is found now, as far as names and first bytes tell: classes without an
    /// image or in one split alone, images outside of a class, files that are no images.
    /// </summary>
    /// <param name="folder">It holds train, and val unless a share is held out.</param>
    /// <param name="name">What errors and results call it: "imagenet".</param>
    /// <param name="context">The default value null means the current one.</param>
    /// <exception cref="KdException">Something is wrong; the first ten problems are named, and how many more.</exception>
    public static Dataset Open(
        string folder, ImageFolderOptions? options = null, string name = "image-folder", RunContext? context = null)
    {
        var (place, chosen) = (Path.GetFullPath(folder), Sound(options ?? new ImageFolderOptions()));
        var found = ImageFolderSplits.Look(place);
        var problems = found.Problems(chosen.HoldOut).ToList();
        var (all, leftOut) = (found.All, new Dictionary<string, List<string>>());
        if (problems.Count == 0)
        {
            var sound = new List<(string Split, ImageFolderFiles Files)>();
            foreach (var (split, files) in all)
            {
                var wrong = ImageFolderCheck.Files(files, $"{name} {split}", decode: chosen.SkipDamaged, context ?? RunContext.Current);
                if (chosen.SkipDamaged)
                {
                    leftOut[split] = [.. wrong.Select(one => one.File)];
                    sound.Add((split, Without(files, leftOut[split])));
                }
                else
                {
                    problems.AddRange(wrong);
                    sound.Add((split, files));
                }
            }

            all = sound;
        }

        DataProblems.Refuse(name, place, problems);
        return Build(name, place, chosen, all, leftOut);
    }

    private static Dataset Build(
        string name, string place, ImageFolderOptions options, IReadOnlyList<(string Split, ImageFolderFiles Files)> all,
        Dictionary<string, List<string>> leftOut)
    {
        var folders = all[0].Files.Classes.Select(one => one.Name).ToList();
        var names = ClassIndexFile.Find(place, folders)?.Names(folders) ?? folders;
        var crop = new MiddleCrop(options.Resize ?? MiddleCrop.UsualSide(options.Size), options.Size);
        ImageFolderSet Set(string split, IReadOnlyList<ClassFiles> classes) =>
            new($"{name} {split}", classes, names, crop, leftOut.GetValueOrDefault(split) ?? []);
        SampleSet? Split(string split) => all.FirstOrDefault(one => one.Split == split).Files is { } files ? Set(split, files.Classes) : null;
        var training = all[0].Files.Classes;
        var (train, validation) = options.HoldOut is { } share
            ? (Set("train", Dealt(training, share, held: false)), Set("validation", Dealt(training, share, held: true)))
            : (Set("train", training), Split("val")!);
        return new Dataset(name, train, validation, Split("test"), Dataset.ImageNetMean, Dataset.ImageNetStd);
    }

    // Of each class the last share, at least one where there are two.
    private static List<ClassFiles> Dealt(IReadOnlyList<ClassFiles> classes, double share, bool held) => [.. classes.Select(one =>
    {
        var count = one.Files.Count < 2 ? 0 : Math.Clamp((int)(one.Files.Count * share), 1, one.Files.Count - 1);
        return one with { Files = [.. held ? one.Files.Skip(one.Files.Count - count) : one.Files.Take(one.Files.Count - count)] };
    })];

    private static ImageFolderFiles Without(ImageFolderFiles files, IReadOnlyCollection<string> damaged)
    {
        var gone = damaged.ToHashSet();
        var classes = files.Classes.Select(one => one with
        {
            Files = gone.Count == 0 ? one.Files : [.. one.Files.Where(file => !gone.Contains(Path.Join(one.Folder, file)))],
        }).ToList();
        return classes.Find(one => one.Files.Count == 0) is { } empty
            ? throw new KdException(
                $"{empty.Folder}: none of the class's images can be read; expected at least one. Fetch or write them again.")
            : files with { Classes = classes };
    }

    private static ImageFolderOptions Sound(ImageFolderOptions options) =>
        options.Size is >= 1 and <= MostSize && (options.Resize ?? options.Size) is >= 1 and <= MostSize
        && options.HoldOut is null or (> 0 and < 1)
            ? options
            : throw new KdException(
                $"ImageFolder: size {options.Size}, resized to {options.Resize?.ToString() ?? "8/7 of it"}, share held out {options.HoldOut}; "
                + $"expected sizes of 1 to {MostSize} pixels and a share between 0 and 1.");
}
