using System.Globalization;
using KdNotebooks.Data;
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
    /// annotation whose image or category is not listed, ids that come twice, boxes outside their image, masks of another
    /// size than it, images that are missing, damaged, or of another size than is said. Every image is decoded.
    /// </returns>
    /// <exception cref="KdException">There is no such folder, or no annotations in it.</exception>
    public static IReadOnlyList<DataFinding> Folder(string folder, RunContext? context = null)
    {
        var place = Path.GetFullPath(folder);
        return CocoFolder.Annotations(place) is { Count: > 0 } files
            ? [.. files.SelectMany(file => File(place, file, context ?? RunContext.Current))]
            : throw new KdException(
                $"{Path.Combine(place, "annotations")}: holds no instances_*.json; expected a folder of COCO with "
                + "annotations/instances_train2017.json or the like.");
    }

    /// <summary>Annotations whose box lies outside of their image.</summary>
    /// <param name="path">Of the file.</param>
    internal static IEnumerable<DataFinding> Outside(CocoInstances all, string path) =>
        all.Outside.Select(one => new DataFinding(path, false, Outside(one, all.Images[one.Image])));

    private static string Outside(CocoAnnotation one, CocoImage image) => string.Create(
        CultureInfo.InvariantCulture,
        $"annotation {one.Id} has the box [{one.Box.Left}, {one.Box.Top}, {one.Box.Width}, {one.Box.Height}], which lies outside "
        + $"its image {image.Id} of {image.Width}x{image.Height} pixels. Expected left, top, width and height in pixels: mend the "
        + $"annotation, or leave it out of the file.");

    /// <summary>"annotations/instances_train.json".</summary>
    internal static string FileOf(string split) => $"annotations/instances_{split}.json";

    /// <summary>Of a folder of <see cref="FashionScenesFolder"/>.</summary>
    /// <param name="pairs">Scenes of the split in Cityscapes' layout, of which the file lists as many.</param>
    /// <returns>One finding for a sound file, or one a defect.</returns>
    internal static IReadOnlyList<DataFinding> Scenes(
        string folder, string split, LabelTable table, int pairs, RunContext context)
    {
        var path = Path.Combine(folder, FileOf(split));
        return Checked(path, Mend, all =>
        [
            .. all.Images.Count == pairs ? Array.Empty<DataFinding>() : [new DataFinding(path, false,
                $"lists {all.Images.Count} images, but {pairs} are in leftImg8bit with a label map. {Mend}")],
            .. new CocoImages(all, Path.Combine(folder, "images"), Mend).Check(
                decode: true, [.. Enumerable.Range(0, all.Images.Count)], $"Checking {split}", context),
            .. all.Annotations.Select(one => (one.Id, Wrong: Scene(one, all, table)))
                .Where(one => one.Wrong is not null)
                .Select(one => new DataFinding(path, false, $"annotation {one.Id} {one.Wrong}. {Mend}")),
        ]);
    }

    private static IReadOnlyList<DataFinding> File(string folder, string path, RunContext context)
    {
        const string mend = "Fetch the images and their annotations again.";
        return Checked(path, mend, all =>
        {
            var images = new CocoImages(all, CocoFolder.Images(folder, path, all), mend);
            DataFinding[] wrong =
            [
                .. Few(Outside(all, path).ToList(), path),
                .. images.Check(
                    decode: true, [.. Enumerable.Range(0, all.Images.Count)], $"Checking {CocoFolder.NameOf(path)}", context),
            ];
            var (turned, beyond) = wrong.Length > 0 ? (0, []) : (images.Turned(), all.Beyond);
            return turned == 0 && beyond.Count == 0 ? wrong : [new DataFinding(
                path, true, $"{all}; {all.Degenerate}"
                + (beyond.Count > 0 ? $"; {CocoInstances.Say(beyond)}" : "")
                + (turned > 0 ? $"; {turned} images have an EXIF orientation, which is not applied: boxes and masks are of the "
                    + "pixels as they are stored" : ""))];
        });
    }

    // A file whose every annotation is wrong has one fault.
    private static IEnumerable<DataFinding> Few(List<DataFinding> wrong, string path) => wrong.Count <= MostProblems ? wrong
        : wrong.Take(MostProblems).Append(new DataFinding(path, false, $"{wrong.Count - MostProblems} more are wrong."));

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
            return check(all) is { Count: > 0 } said
                ? said
                : [new DataFinding(path, true, $"{all}; {all.Degenerate}")];
        }
        catch (DataFileException problem)
        {
            return [new DataFinding(path, false, $"{problem.Reason}. {mend}")];
        }
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
