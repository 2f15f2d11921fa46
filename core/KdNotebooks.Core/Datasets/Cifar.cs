using System.Globalization;
using System.Text;
using KdNotebooks.Data;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;

namespace KdNotebooks.Datasets;

/// <summary>
/// CIFAR-10 and CIFAR-100 (Krizhevsky 2009, "Learning multiple layers of features from tiny images"): 32x32 color images of 10 and of
/// 100 classes, 50,000 to train on and 10,000 to test on; or anything in the format of their binary version.
/// </summary>
/// <remarks>
/// Of each class the last tenth of the training images is validation, unless another share is held out. With a share of 0 all training
/// images are learned from, as in the literature: what is reported are then the test images, by which no epoch may be chosen.
/// </remarks>
public static class Cifar
{
    /// <summary>Bytes of an image: 3 x 32 x 32.</summary>
    internal const int ImageBytes = 3 * Side * Side;

    private const int Side = 32;
    private const double UsualShare = 0.1;

    /// <param name="name">"cifar-10" or "cifar-100".</param>
    /// <param name="place">The archive, a folder that holds it, or one that it was unpacked to; null looks where downloads go.</param>
    /// <param name="holdOut">The share of each class that is validation, 0 to below 1; the default value null means a tenth.</param>
    /// <exception cref="DataFileException">A file is missing, damaged, or of another kind.</exception>
    /// <exception cref="KdException">The name or the share is none.</exception>
    public static Dataset Open(string name, string? place = null, double? holdOut = null)
    {
        var kind = CifarKind.Of(name);
        var share = holdOut ?? UsualShare;
        if (!(share >= 0 && share < 1))
        {
            throw new KdException($"{name}: a share of {share} of the training images is to be held out; expected 0 to below 1.");
        }

        var files = CifarFiles.Read(kind, place ?? Found(kind));
        var classes = ClassNames(kind, files);
        var training = Read(kind, files, kind.IsTraining, $"{name} train", classes)!;
        var test = Read(kind, files, kind.IsTest, $"{name} test", classes);
        if (share == 0)
        {
            return new Dataset(
                name, training, test ?? throw Missing(kind, files, "no test images, and none are held out"), null, kind.Mean, kind.Std);
        }

        var (learned, kept) = Deal(training, share);
        return kept.Count == 0
            ? throw new KdException($"{name}: {training.Count} training image(s), no two of one class; expected more, to hold a share out.")
            : new Dataset(
                name, training.Select([.. learned]).Named($"{name} train"), training.Select([.. kept]).Named($"{name} validation"), test,
                kind.Mean, kind.Std);
    }

    /// <summary>What a copy holds, and whether it is the published one.</summary>
    /// <inheritdoc cref="Open"/>
    public static IReadOnlyList<DataFinding> Verify(string name, string? place = null)
    {
        var kind = CifarKind.Of(name);
        try
        {
            var files = CifarFiles.Read(kind, place ?? Found(kind));
            var data = Open(name, files.Place, 0);
            return
            [
                new DataFinding(files.Place, true, $"{data.Train.Count:N0} training and {data.Validation.Count:N0} test images of 32x32 pixels, "
                    + $"{data.ClassNames.Count} classes"),
                .. Compared(kind, files),
            ];
        }
        catch (DataFileException problem)
        {
            return [new DataFinding(problem.File, false, problem.Message[(problem.File.Length + 2)..])];
        }
    }

    /// <summary>Fetches the archive from its publisher, where it is not there yet; a download that was cut off goes on.</summary>
    /// <param name="folder">Where it goes; the default value null means the user's data folder.</param>
    /// <returns>The folder.</returns>
    /// <exception cref="KdException">It could not be fetched.</exception>
    public static async Task<string> DownloadAsync(string name, string? folder = null, RunContext? context = null)
    {
        var kind = CifarKind.Of(name);
        var place = Path.GetFullPath(folder ?? Path.Combine(DataFolders.User, name));
        await Downloader.DownloadAsync(kind.Source, Path.Combine(place, kind.Archive), kind.Sha256, context);
        return place;
    }

    private static IEnumerable<DataFinding> Compared(CifarKind kind, CifarFiles files)
    {
        if (File.Exists(files.Place))
        {
            var sum = Sha256.OfFile(files.Place);
            yield return new DataFinding(files.Place, sum == kind.Sha256, sum == kind.Sha256
                ? "the published archive"
                : $"is not the published archive: its SHA-256 is {sum}, expected {kind.Sha256}. It can be used; numbers of papers are of another.");
            yield break;
        }

        foreach (var (file, expected) in kind.Published)
        {
            var path = Path.Combine(files.Place, file);
            var sum = File.Exists(path) ? Sha256.OfFile(path) : "missing";
            yield return new DataFinding(path, sum == expected, sum == expected
                ? "the published content"
                : sum == "missing" ? $"is missing, and in the published archive. {CifarFiles.Mend(kind)}"
                : $"is not the published content: its SHA-256 is {sum}, expected {expected}. It can be used; numbers of papers are of another.");
        }
    }

    private static string Found(CifarKind kind)
    {
        string[] places =
        [
            .. DataFolders.Named is { } named ? [Path.Combine(named, kind.Name), named] : Array.Empty<string>(),
            Path.Combine(DataFolders.User, kind.Name),
        ];
        return places.FirstOrDefault(place => CifarFiles.Has(kind, place)) ?? throw new KdException(
            $"{kind.Name} was not found in {string.Join(", ", places)}; name its folder or archive (`data (Cifar.hundred \"data/cifar-100\")`, "
            + $"in JSON \"folder\"), or run: kd data get {kind.Name}");
    }

    private static IReadOnlyList<string> ClassNames(CifarKind kind, CifarFiles files)
    {
        if (!files.Files.TryGetValue(kind.NameFile, out var text))
        {
            return kind.Classes;
        }

        string[] names = [.. Encoding.UTF8.GetString(text).Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];
        return names.Length == kind.Classes.Count && names.Distinct().Count() == names.Length ? names : throw Wrong(
            kind, files, kind.NameFile, $"has {names.Length} names, {names.Distinct().Count()} of them different, for {kind.Classes.Count} classes");
    }

    private static ImageSet? Read(
        CifarKind kind, CifarFiles files, Func<string, bool> wanted, string name, IReadOnlyList<string> classes)
    {
        // data_batch_10 comes behind data_batch_9.
        var all = files.Files.Keys.Where(wanted).OrderBy(file => file.Length).ThenBy(file => file, StringComparer.Ordinal).ToList();
        if (all.Count == 0)
        {
            return null;
        }

        foreach (var file in all)
        {
            if (files.Files[file].Length == 0 || files.Files[file].Length % kind.Record != 0)
            {
                throw Wrong(kind, files, file, string.Create(CultureInfo.InvariantCulture,
                    $"has {files.Files[file].Length} bytes, which are no number of images of {kind.Record} bytes ({kind.LabelBytes} of labels, 3 x 32 x 32 of pixels)"));
            }
        }

        var count = all.Sum(file => files.Files[file].Length / kind.Record);
        var (pixels, labels, at) = (new byte[checked(count * ImageBytes)], new byte[count], 0);
        foreach (var file in all)
        {
            var bytes = files.Files[file];
            for (var start = 0; start < bytes.Length; start += kind.Record, at++)
            {
                labels[at] = bytes[start + kind.LabelBytes - 1];
                if (labels[at] >= classes.Count)
                {
                    throw Wrong(kind, files, file, $"has the label {labels[at]} at image {start / kind.Record}; the classes are 0 to {classes.Count - 1}");
                }

                bytes.AsSpan(start + kind.LabelBytes, ImageBytes).CopyTo(pixels.AsSpan(at * ImageBytes));
            }
        }

        return new ImageSet(name, 3, Side, Side, pixels, labels, classes);
    }

    // In the files' order: of each class the last share, at least one image where there are two.
    private static (List<int> Learned, List<int> Kept) Deal(ImageSet all, double share)
    {
        var (counts, seen) = (new int[all.ClassNames.Count], new int[all.ClassNames.Count]);
        foreach (var label in all.Labels.Span)
        {
            counts[label]++;
        }

        var (learned, kept) = (new List<int>(), new List<int>());
        for (var i = 0; i < all.Count; i++)
        {
            var label = all.Labels.Span[i];
            var held = counts[label] < 2 ? 0 : Math.Clamp((int)(counts[label] * share), 1, counts[label] - 1);
            (seen[label]++ < counts[label] - held ? learned : kept).Add(i);
        }

        return (learned, kept);
    }

    private static DataFileException Missing(CifarKind kind, CifarFiles files, string what) =>
        new(files.Place, $"holds {what}", CifarFiles.Mend(kind));

    private static DataFileException Wrong(CifarKind kind, CifarFiles files, string file, string what) => new(
        File.Exists(files.Place) ? files.Place : Path.Combine(files.Place, file), File.Exists(files.Place) ? $"{file} in it {what}" : what,
        CifarFiles.Mend(kind));
}
