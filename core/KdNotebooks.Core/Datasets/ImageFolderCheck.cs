using KdNotebooks.Data;
using KdNotebooks.Data.Formats;
using KdNotebooks.Runtime;

namespace KdNotebooks.Datasets;

/// <summary>Checks copies of folders of images, file by file.</summary>
public static class ImageFolderCheck
{
    private const int ImageNetClasses = 1000, ImageNetTrain = 1_281_167, ImageNetValidation = 50_000;
    private const string Mend = "Fetch or write the file again.";

    /// <summary>Any folder of images with a folder a class. Every image is unpacked.</summary>
    /// <param name="folder">It holds train, and perhaps val and test.</param>
    /// <param name="context">The default value null means the current one.</param>
    /// <returns>One finding a split that is sound, and one a defect.</returns>
    public static IReadOnlyList<DataFinding> Folder(string folder, RunContext? context = null)
    {
        var place = Path.GetFullPath(folder);
        var found = ImageFolderSplits.Look(place);
        // A folder of training images alone is one from which a share is held out.
        var problems = found.Problems(found.All.Any(one => one.Split == "val") ? null : 0.1).ToList();
        return
        [
            .. problems,
            .. found.All.SelectMany(one => Split(one.Split, one.Files, context ?? RunContext.Current)),
            .. problems.Count == 0 ? Names(place, found) : [],
        ];
    }

    /// <summary>The same, and whether it is ImageNet-1K: 1,000 classes, 1,281,167 images in train and 50,000 in val.</summary>
    /// <inheritdoc cref="Folder"/>
    public static IReadOnlyList<DataFinding> ImageNet(string folder, RunContext? context = null)
    {
        var all = ImageFolderSplits.Look(Path.GetFullPath(folder)).All;
        return
        [
            .. Folder(folder, context),
            .. all.SelectMany(one => one.Split switch
            {
                "train" => Published(one.Files, ImageNetTrain),
                "val" => Published(one.Files, ImageNetValidation),
                _ => [],
            }),
        ];
    }

    private static IEnumerable<DataFinding> Published(ImageFolderFiles files, int images)
    {
        var (classes, count) = (files.Classes.Count, files.Classes.Sum(one => one.Files.Count));
        if (classes != ImageNetClasses || count != images)
        {
            yield return new DataFinding(
                files.Folder, false, $"{count:N0} images of {classes:N0} classes, which is not what ImageNet-1K has there: expected {images:N0} of "
                    + $"{ImageNetClasses:N0}. Unpack the rest, or call it what it is: kd data verify image-folder.");
        }
    }

    /// <summary>What is wrong with the files of a split, in their order.</summary>
    /// <param name="title">Of the bar.</param>
    /// <param name="decode">
    /// Whether every image is unpacked that is not known to be sound; else its first bytes alone are looked at.
    /// </param>
    internal static IReadOnlyList<DataFinding> Files(ImageFolderFiles files, string title, bool decode, RunContext context)
    {
        var look = new SplitLook();
        Each(files, $"{(decode ? "Checking" : "Looking at")} {title}", context, (contents, path) =>
        {
            if (contents.IsKnown(path, ColorReader.Sound))
            {
                return;
            }

            if (!decode)
            {
                ColorReader.ReadSize(path);
                return;
            }

            var hash = contents.HashOf(path);
            ColorReader.Read(path, ColorReader.Look.Codes);
            contents.Mark(path, hash, ColorReader.Sound);
        }, look);
        return look.Problems;
    }

    private static List<DataFinding> Split(string split, ImageFolderFiles files, RunContext context)
    {
        var (look, turned) = (new SplitLook(), 0);
        Each(files, $"Checking {split}", context, (_, path) =>
        {
            ColorReader.Read(path, ColorReader.Look.Whole);
            if (JpegReader.Orientation(path) != 1)
            {
                Interlocked.Increment(ref turned);
            }
        }, look);
        var count = files.Classes.Sum(one => one.Files.Count);
        return look.Problems.Count > 0 || count == 0 ? look.Problems : [new DataFinding(
            files.Folder, true, $"{count:N0} images of {files.Classes.Count:N0} classes, {files.Classes.Min(one => one.Files.Count):N0} to "
                + $"{files.Classes.Max(one => one.Files.Count):N0} of each"
                + (turned == 0 ? "" : $"; {turned:N0} have an EXIF orientation, which is not applied"))];
    }

    private static IEnumerable<DataFinding> Names(string place, ImageFolderSplits found)
    {
        if (found.All.Count == 0)
        {
            return [];
        }

        try
        {
            var folders = found.All[0].Files.Classes.Select(one => one.Name).ToList();
            return ClassIndexFile.Find(place, folders) is { } index
                ? [new DataFinding(index.Path, true, $"{index.Names(folders).Count:N0} classes, in the order of their folders")]
                : [];
        }
        catch (DataFileException problem)
        {
            return [new DataFinding(problem.File, false, problem.Message[(problem.File.Length + 2)..])];
        }
    }

    private static void Each(
        ImageFolderFiles files, string title, RunContext context, Action<ContentIndex, string> check, SplitLook look)
    {
        var (total, done) = (files.Classes.Sum(one => one.Files.Count), 0L);
        using var bar = total < ImageFolder.Many ? null : context.Progress.Start(title, total, "images");
        foreach (var one in files.Classes)
        {
            var (contents, found) = (ContentIndex.Of(one.Folder), new DataFinding?[one.Files.Count]);
            Parallel.For(0, found.Length, new ParallelOptions { CancellationToken = context.Cancellation }, i =>
            {
                var path = Path.Join(one.Folder, one.Files[i]);
                try
                {
                    check(contents, path);
                }
                catch (DataFileException problem)
                {
                    found[i] = new DataFinding(path, false, $"{problem.Reason}. {Mend}");
                }
            });
            contents.Keep();
            look.Problems.AddRange(found.OfType<DataFinding>());
            bar?.Report(done += found.Length);
        }
    }

    private sealed class SplitLook
    {
        public List<DataFinding> Problems { get; } = [];
    }
}
