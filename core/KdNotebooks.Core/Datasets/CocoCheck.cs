using System.Text.Json;
using KdNotebooks.Data;
using KdNotebooks.Data.Formats;
using KdNotebooks.Masks;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Datasets;

/// <summary>Checks the COCO files of a folder of <see cref="FashionScenesFolder"/>.</summary>
internal static class CocoCheck
{
    private const string Mend = "Make the scenes again: kd data make fashion-scenes";

    /// <summary>"annotations/instances_train.json".</summary>
    public static string FileOf(string split) => $"annotations/instances_{split}.json";

    /// <summary>One finding for a sound file, or one a defect.</summary>
    /// <param name="pairs">Scenes of the split in Cityscapes' layout, of which the file lists as many.</param>
    public static IReadOnlyList<DataFinding> Of(string folder, string split, LabelTable table, int pairs)
    {
        var path = Path.Combine(folder, FileOf(split));
        try
        {
            var file = CocoFile.Read(path);
            DataFinding[] wrong =
            [
                .. file.Images.Count == pairs ? Array.Empty<DataFinding>() : [new DataFinding(path, false,
                    $"lists {file.Images.Count} images, but {pairs} are in leftImg8bit with a label map. {Mend}")],
                .. file.Images.Select(image => Image(folder, image)).OfType<DataFinding>(),
                .. file.Annotations.Select(one => (one.Id, Wrong: Annotation(one, file, table)))
                    .Where(one => one.Wrong is not null)
                    .Select(one => new DataFinding(path, false, $"annotation {one.Id} {one.Wrong}. {Mend}")),
            ];
            return wrong.Length > 0
                ? wrong
                : [new DataFinding(path, true, $"{file.Annotations.Count} instances in {file.Images.Count} images")];
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return [new DataFinding(path, false, $"cannot be read ({problem.Message}). {Mend}")];
        }
        catch (JsonException problem)
        {
            return [new DataFinding(path, false, $"is no COCO instances file ({problem.Message}). {Mend}")];
        }
    }

    private static DataFinding? Image(string folder, CocoImage image)
    {
        var path = Path.Combine(folder, "images", image.FileName);
        try
        {
            var png = PngReader.Read(path);
            return (png.Height, png.Width) == (image.Height, image.Width) ? null : new DataFinding(path, false,
                $"is {png.Width}x{png.Height} pixels large, its annotations say {image.Width}x{image.Height}. {Mend}");
        }
        catch (DataFileException problem)
        {
            return new DataFinding(problem.File, false, $"{problem.Reason}. {Mend}");
        }
    }

    private static string? Annotation(CocoAnnotation one, CocoFile file, LabelTable table)
    {
        // Ids count from 1 in the order of the list, see CocoFile.Of.
        if (file.Images.ElementAtOrDefault(one.ImageId - 1) is not { } image || image.Id != one.ImageId)
        {
            return $"is of image {one.ImageId}, which is not listed";
        }

        if (one.CategoryId < 1 || one.CategoryId >= table.Classes.Count)
        {
            return $"has category {one.CategoryId}; expected 1 to {table.Classes.Count - 1}";
        }

        if (Mask(one.Segmentation, image) is not { } mask)
        {
            return $"has a mask of another size than {image.Width}x{image.Height}";
        }

        var seen = MaskedThing.Of(one.CategoryId, mask.ToBitmap(), image.Width);
        var box = seen?.Box ?? default;
        return seen?.Area == one.Area && one.Bbox.SequenceEqual([box.Left, box.Top, box.Width, box.Height])
            ? null
            : "says another area or box than its mask has";
    }

    private static RunLength? Mask(CocoRuns runs, CocoImage image)
    {
        try
        {
            return RunLength.OfCounts(runs.Counts, image.Height, image.Width);
        }
        catch (KdException)
        {
            return null;
        }
    }
}
