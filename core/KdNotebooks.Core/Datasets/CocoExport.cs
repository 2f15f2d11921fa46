using KdNotebooks.Data;
using KdNotebooks.Masks;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Tasks.Detection;

namespace KdNotebooks.Datasets;

/// <summary>
/// What a detector found, and what was to be found, as files that pycocotools and COCO's server read: for numbers that
/// somebody else's code has computed.
/// </summary>
public static class CocoExport
{
    /// <summary>Writes results in COCO's result format, and the annotations of the same images beside them.</summary>
    /// <param name="folder">It is made where it is not there.</param>
    /// <param name="split">Goes into the names: "test".</param>
    /// <param name="set">Whose ids are written: of COCO those of its files, else images and classes from 1 on.</param>
    /// <param name="images">Indices into the set.</param>
    /// <param name="found">One an image.</param>
    /// <returns>results_SPLIT.json and instances_SPLIT.json in the folder.</returns>
    /// <exception cref="KdException">
    /// The set has no things, the predictions are not of a detector, or the files cannot be written.
    /// </exception>
    public static (string Results, string Instances) Write(
        string folder, string split, SampleSet set, IReadOnlyList<int> images, IReadOnlyList<IPrediction> found)
    {
        if (set.Whole is not ThingSet things || images.Count != found.Count || found.Any(one => one is not ThingPrediction))
        {
            throw new KdException(
                $"CocoExport: {set.Name} with {found.Count} predictions of {images.Count} images; expected a set with boxes, and what a "
                + "detector found in each image.");
        }

        Directory.CreateDirectory(folder);
        var (results, instances) = (
            Path.Combine(folder, $"results_{split}.json"), Path.Combine(folder, $"instances_{split}.json"));
        var truth = Truth(things, images);
        AtomicFile.Write(instances, stream => CocoWriter.Write(stream, truth));
        CocoResults.Write(results, truth, found.Select((one, i) => (i, ((ThingPrediction)one).Found)));
        return (results, instances);
    }

    private static CocoInstances Truth(ThingSet set, IReadOnlyList<int> images)
    {
        var all = images.Select(set.ThingsOf).ToList();
        var ids = all.SelectMany(things => things.All).Select(thing => thing.Id).ToList();
        // pycocotools takes a match with annotation 0 for none, and ids that come twice for one.
        var kept = ids.TrueForAll(id => id > 0) && ids.Distinct().Count() == ids.Count;
        var annotations = new List<CocoAnnotation>(ids.Count);
        for (var i = 0; i < all.Count; i++)
        {
            annotations.AddRange(all[i].All.Select((thing, k) => new CocoAnnotation(
                kept ? thing.Id : annotations.Count + k + 1, i, thing.Class, thing.Box, thing.Area, thing.Crowd,
                thing.Mask is { } mask ? MaskShape.OfRuns(mask) : null)));
        }

        return new CocoInstances(
            set.ClassNames.Select((name, k) => new CocoCategory(set.CategoryOf(k), name)),
            [.. images.Select((image, i) => new CocoImage(
                set.ImageIdOf(image), FormattableString.Invariant($"{set.ImageIdOf(image):D12}.png"), all[i].Image.Height, all[i].Image.Width))],
            annotations);
    }
}
