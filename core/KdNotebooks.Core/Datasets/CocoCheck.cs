using KdNotebooks.Data;
using KdNotebooks.Data.Formats;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Datasets;

/// <summary>Checks copies of datasets in COCO's layout, annotation by annotation and image by image.</summary>
public static class CocoCheck
{
    private const string Mend = "Make the scenes again: kd data make fashion-scenes";

    // A file whose every annotation is wrong has one fault.
    private const int MostProblems = 20;

    /// <summary>COCO itself, or data of one's own in its layout.</summary>
    /// <param name="folder">
    /// It holds annotations/instances_NAME.json for one NAME or several, and their images in NAME, images/NAME, images
    /// or itself.
    /// </param>
    /// <param name="context">The default value null means the current one.</param>
    /// <returns>
    /// One finding a file of annotations that is sound, which says how many boxes are degenerate, and one a defect: an
    /// annotation whose image or category is not listed, ids that come twice, masks of another size than their image,
    /// images that are missing, damaged, or of another size than is said. PNG images are unpacked; of JPEG the size is
    /// read alone.
    /// </returns>
    /// <exception cref="KdException">There is no such folder, or no annotations in it.</exception>
    public static IReadOnlyList<DataFinding> Folder(string folder, RunContext? context = null)
    {
        const string pattern = "instances_*.json";
        var place = Path.Combine(Path.GetFullPath(folder), "annotations");
        string[] files = Directory.Exists(place)
            ? [.. Directory.EnumerateFiles(place, pattern).Order(StringComparer.Ordinal)]
            : [];
        return files.Length > 0
            ? [.. files.SelectMany(file => File(Path.GetFullPath(folder), file, context ?? RunContext.Current))]
            : throw new KdException(
                $"{place}: holds no {pattern}; expected a folder of COCO with annotations/instances_train2017.json or "
                + "the like.");
    }

    /// <summary>"annotations/instances_train.json".</summary>
    internal static string FileOf(string split) => $"annotations/instances_{split}.json";

    /// <summary>Of a folder of <see cref="FashionScenesFolder"/>.</summary>
    /// <param name="pairs">Scenes of the split in Cityscapes' layout, of which the file lists as many.</param>
    /// <returns>One finding for a sound file, or one a defect.</returns>
    internal static IReadOnlyList<DataFinding> Scenes(string folder, string split, LabelTable table, int pairs)
    {
        var path = Path.Combine(folder, FileOf(split));
        return Checked(path, Mend, all =>
        [
            .. all.Images.Count == pairs ? Array.Empty<DataFinding>() : [new DataFinding(path, false,
                $"lists {all.Images.Count} images, but {pairs} are in leftImg8bit with a label map. {Mend}")],
            .. all.Images.Select(image => Image(Path.Combine(folder, "images"), image, Mend)).OfType<DataFinding>(),
            .. all.Annotations.Select(one => (one.Id, Wrong: Scene(one, all, table)))
                .Where(one => one.Wrong is not null)
                .Select(one => new DataFinding(path, false, $"annotation {one.Id} {one.Wrong}. {Mend}")),
        ]);
    }

    private static IReadOnlyList<DataFinding> File(string folder, string path, RunContext context)
    {
        const string mend = "Fetch the images and their annotations again.";
        var name = Path.GetFileNameWithoutExtension(path)["instances_".Length..];
        return Checked(path, mend, all =>
        {
            string[] folders = [name, $"images/{name}", "images", "."];
            string[] places = [.. folders.Select(at => Path.Combine(folder, at))];
            var place = places.FirstOrDefault(at =>
                all.Images.Any(image => System.IO.File.Exists(Path.Combine(at, image.FileName))));
            if (place is null)
            {
                return all.Images.Count == 0 ? [] : [new DataFinding(path, false,
                    $"none of its {all.Images.Count} images is in {string.Join(", ", places[..^1])} "
                    + $"or {folder}. {mend}")];
            }

            var (found, done) = (new DataFinding?[all.Images.Count], 0L);
            using var bar = context.Progress.Start($"Checking {name}", found.Length, "images");
            Parallel.For(0, found.Length, new ParallelOptions { CancellationToken = context.Cancellation }, i =>
            {
                found[i] = Image(place, all.Images[i], mend);
                lock (found) // a bar is drawn by one thread at a time
                {
                    bar.Report(++done);
                }
            });
            return [.. found.OfType<DataFinding>()];
        });
    }

    private static IReadOnlyList<DataFinding> Checked(
        string path, string mend, Func<CocoInstances, IReadOnlyList<DataFinding>> check)
    {
        try
        {
            var reader = CocoReader.Read(path);
            if (reader.Problems is { Count: > 0 } problems)
            {
                return
                [
                    .. problems.Take(MostProblems)
                        .Select(problem => new DataFinding(path, false, $"{problem}. {mend}")),
                    .. problems.Count > MostProblems
                        ? [new DataFinding(path, false, $"{problems.Count - MostProblems} more are wrong. {mend}")]
                        : Array.Empty<DataFinding>(),
                ];
            }

            var all = reader.Instances();
            return check(all) is { Count: > 0 } wrong
                ? wrong
                : [new DataFinding(path, true, $"{all}; {all.Degenerate}")];
        }
        catch (DataFileException problem)
        {
            return [new DataFinding(path, false, $"{problem.Reason}. {mend}")];
        }
    }

    private static DataFinding? Image(string folder, CocoImage image, string mend)
    {
        var path = Path.Combine(folder, image.FileName);
        try
        {
            var size = Size(path);
            return size == (image.Height, image.Width) ? null : new DataFinding(path, false,
                $"is {size.Width}x{size.Height} pixels large, its annotations say {image.Width}x{image.Height}. "
                + mend);
        }
        catch (DataFileException problem)
        {
            return new DataFinding(path, false, $"{problem.Reason}. {mend}");
        }
    }

    private static (int Height, int Width) Size(string path)
    {
        if (Path.GetExtension(path).ToLowerInvariant() is ".jpg" or ".jpeg")
        {
            return JpegHeader.ReadSize(path);
        }

        var png = PngReader.Read(path);
        return (png.Height, png.Width);
    }

    private static string? Scene(CocoAnnotation one, CocoInstances all, LabelTable table)
    {
        var (image, category) = (all.Images[one.Image], all.Categories[one.Class].Id);
        if (category < 1 || category >= table.Classes.Count)
        {
            return $"has category {category}; expected 1 to {table.Classes.Count - 1}";
        }

        var mask = one.Shape?.Mask(image.Height, image.Width);
        return mask?.Area == one.Area && mask.Box == one.Box ? null : "says another area or box than its mask has";
    }
}
