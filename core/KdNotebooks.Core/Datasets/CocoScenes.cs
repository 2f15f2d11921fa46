using KdNotebooks.Data;
using KdNotebooks.Masks;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Datasets;

/// <summary>A set with label maps and things as COCO's instances.</summary>
internal static class CocoScenes
{
    /// <summary>Ids of images and annotations count from 1, in their order.</summary>
    /// <param name="table">Of its classes, all but 0, the background, are categories, with the class as id.</param>
    /// <param name="fileName">The image file of a sample, relative to the folder of images.</param>
    public static CocoInstances Of(SampleSet set, LabelTable table, Func<int, string> fileName)
    {
        var (images, annotations) = (new List<CocoImage>(), new List<CocoAnnotation>());
        for (var i = 0; i < set.Count; i++)
        {
            var sample = set.Load(i);
            images.Add(new CocoImage(i + 1, fileName(i), sample.Height, sample.Width));
            foreach (var thing in LabelMap.Of(sample).Things)
            {
                var mask = RunLength.OfBitmap(thing.Mask, sample.Height, sample.Width);
                annotations.Add(new CocoAnnotation(
                    annotations.Count + 1, i, thing.Class - 1, mask.Box, mask.Area, Shape: MaskShape.OfRuns(mask)));
            }
        }

        return new CocoInstances(
            table.Classes.Skip(1).Select(row => new CocoCategory(row.Class!.Value, row.Name, "clothing")), images,
            annotations);
    }
}
