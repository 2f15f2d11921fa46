using KdNotebooks.Data;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;

namespace KdNotebooks.Datasets;

/// <summary>
/// Gray images of one's own in MNIST's layout: <c>train-images-idx3-ubyte</c>, <c>train-labels-idx1-ubyte</c>, and for a
/// test split <c>t10k-images-idx3-ubyte</c>, <c>t10k-labels-idx1-ubyte</c>, each plain or as <c>.gz</c>. Any size, up to
/// 256 classes.
/// </summary>
/// <remarks>
/// Of each class the last tenth of the training file, at least one image where there are two, is validation; the order is
/// kept. Pixels are normalized by the training split's mean and deviation. The names of the classes are the lines of
/// <c>classes.txt</c>, where there is one; else "0" up to the highest label.
/// </remarks>
public static class IdxFolder
{
    /// <summary>Where names of classes may stand, one a line.</summary>
    public const string ClassFile = "classes.txt";

    private const string Mend = "Write the file again; datasets.md has the layout.";

    /// <param name="folder">Of the files.</param>
    /// <param name="name">The default value null means the folder's.</param>
    /// <exception cref="DataFileException">A file is missing, damaged, or of another kind.</exception>
    /// <exception cref="KdException">Files of several datasets, or too few images to deal out.</exception>
    public static Dataset Open(string folder, string? name = null)
    {
        var files = IdxFiles.Find(folder);
        name ??= Path.GetFileName(Path.TrimEndingDirectorySeparator(files.Folder));
        var (train, test) = (Contents.Read(files.Train), files.Test is { } pair ? Contents.Read(pair) : null);
        var classes = ClassNames(files, train, test);
        var all = train.ToSet(name, classes);
        var (learned, kept) = Deal(all);
        return LabeledImages.Of(name, all.Select(learned), all.Select(kept), test?.ToSet(name, classes));
    }

    /// <summary>What there is in a folder, or what is wrong with it.</summary>
    /// <returns>One finding a pair of files that is sound, or the first defect.</returns>
    public static IReadOnlyList<DataFinding> Verify(string folder)
    {
        try
        {
            var (files, data) = (IdxFiles.Find(folder), Open(folder));
            var training = $"{data.Train.Count} train and {data.Validation.Count} validation images";
            return
            [
                new DataFinding(files.Train.Images, true, $"{training} of {Describe(data.Train)}"),
                .. files.Test is { } test
                    ? [new DataFinding(test.Images, true, $"{data.Test!.Count} test images of {Describe(data.Test)}")]
                    : Array.Empty<DataFinding>(),
            ];
        }
        catch (DataFileException problem)
        {
            return [new DataFinding(problem.File, false, problem.Message[(problem.File.Length + 2)..])];
        }
    }

    /// <summary>
    /// The folder of a dataset that is named and not placed: <c>$KD_DATA/NAME</c>, or NAME where downloads go; for "idx"
    /// <c>$KD_DATA</c> itself, too. Null where none holds training images in this layout.
    /// </summary>
    internal static string? Named(string name) =>
        new[] { DataFolders.Named, DataFolders.User }.OfType<string>()
            .Where(_ => name.Length > 0 && Path.GetFileName(name) == name && name[0] != '.')
            .Select(place => Path.Combine(place, name))
            .Concat(name == "idx" && DataFolders.Named is { } itself ? [itself] : []).FirstOrDefault(IdxFiles.Has);

    private static string Describe(SampleSet split)
    {
        var set = ImageSet.Of(split);
        var present = set.Labels.ToArray().Distinct().Order().ToList();
        var absent = Enumerable.Range(0, set.ClassNames.Count).Select(k => (byte)k).Except(present).ToList();
        return $"{set.Width}x{set.Height} pixels, {set.ClassNames.Count} classes"
            + (present is [var one] ? $", all images of one class ({set.ClassNames[one]})"
                : absent.Count == 0 ? ""
                : $", no image of {string.Join(", ", absent.Take(5).Select(k => set.ClassNames[k]))}"
                    + (absent.Count > 5 ? $" and {absent.Count - 5} more" : ""));
    }

    private static string[] ClassNames(IdxFiles files, Contents train, Contents? test)
    {
        var path = Path.Combine(files.Folder, ClassFile);
        if (File.Exists(path))
        {
            string[] names = [.. File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0)];
            return names.Length is >= 1 and <= 256 && names.Distinct().Count() == names.Length
                ? names
                : throw new DataFileException(
                    path, $"it has {names.Length} names of classes, {names.Distinct().Count()} of them different",
                    "Expected 1 to 256 lines, the name of class 0 first, each name once.");
        }

        if (train.Lowest > 0)
        {
            throw new DataFileException(
                files.Train.Labels, $"its labels go from {train.Lowest} to {train.Highest}; classes count from 0",
                $"Subtract {train.Lowest} from each label, or name every class from 0 on in {path}, one a line.");
        }

        return [.. Enumerable.Range(0, Math.Max(train.Highest, test?.Highest ?? 0) + 1).Select(k => $"{k}")];
    }

    // In the file's order: of each class the last tenth is kept for validation.
    private static (int[] Learned, int[] Kept) Deal(ImageSet all)
    {
        var (counts, seen) = (new int[256], new int[256]);
        foreach (var label in all.Labels.Span)
        {
            counts[label]++;
        }

        var (learned, kept) = (new List<int>(), new List<int>());
        for (var i = 0; i < all.Count; i++)
        {
            var label = all.Labels.Span[i];
            var validation = counts[label] < 2 ? 0 : Math.Max(1, counts[label] / 10);
            (seen[label]++ < counts[label] - validation ? learned : kept).Add(i);
        }

        return kept.Count > 0 ? ([.. learned], [.. kept]) : throw new KdException(
            $"{all.Name}: {all.Count} training image(s), no two of one class; expected more, for the last tenth of each "
            + "class becomes the validation split.");
    }

    private sealed record Contents(IdxPair Paths, byte[] Images, byte[] Labels, byte Lowest, byte Highest)
    {
        public static Contents Read(IdxPair paths)
        {
            var labels = IdxFile.ReadBytes(paths.Labels, Mend);
            var values = IdxFile.Values(paths.Labels, labels, Mend);
            var (lowest, highest) = (byte.MaxValue, byte.MinValue);
            foreach (var value in values)
            {
                (lowest, highest) = (Math.Min(lowest, value), Math.Max(highest, value));
            }

            return new Contents(paths, IdxFile.ReadBytes(paths.Images, Mend), labels, lowest, highest);
        }

        public ImageSet ToSet(string name, IReadOnlyList<string> classes) =>
            IdxFile.Combine(Images, Labels, (Paths.Images, Paths.Labels), name, classes, Mend);
    }
}
