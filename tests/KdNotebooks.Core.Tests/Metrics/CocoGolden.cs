using System.Text.Json;
using KdNotebooks.Masks;
using KdNotebooks.Metrics;

namespace KdNotebooks.Tests.Metrics;

/// <summary>Ground truth and detections of a golden file, read here plainly.</summary>
internal sealed class CocoGolden(JsonElement set)
{
    private readonly int[] categories =
    [
        .. set.GetProperty("groundTruth").GetProperty("categories").EnumerateArray()
            .Select(category => category.GetProperty("id").GetInt32()).Order(),
    ];

    public int Classes => categories.Length;

    public IReadOnlyList<CocoScene> Scenes(bool masks)
    {
        var truths = set.GetProperty("groundTruth").GetProperty("annotations").EnumerateArray()
            .ToLookup(one => one.GetProperty("image_id").GetInt64());
        var found = set.GetProperty("detections").EnumerateArray().ToLookup(one => one.GetProperty("image_id").GetInt64());
        return
        [
            .. from image in set.GetProperty("groundTruth").GetProperty("images").EnumerateArray()
               let id = image.GetProperty("id").GetInt64()
               let size = (image.GetProperty("height").GetInt32(), image.GetProperty("width").GetInt32())
               select new CocoScene(
                   id,
                   [
                       .. truths[id].Select(one => new TrueObject(
                           Class(one), Box(one), one.GetProperty("area").GetDouble(),
                           one.GetProperty("iscrowd").GetInt32() == 1, masks ? Mask(one, size) : null)),
                   ],
                   [
                       .. found[id].Select(one => new FoundObject(
                           Class(one), one.GetProperty("score").GetDouble(), Box(one), masks ? Mask(one, size) : null)),
                   ]),
        ];
    }

    private int Class(JsonElement one) => Array.IndexOf(categories, one.GetProperty("category_id").GetInt32());

    private static ImageBox Box(JsonElement one)
    {
        double[] box = [.. one.GetProperty("bbox").EnumerateArray().Select(n => n.GetDouble())];
        return new ImageBox(box[0], box[1], box[2], box[3]);
    }

    private static RunLength Mask(JsonElement one, (int Height, int Width) size)
    {
        var mask = one.GetProperty("segmentation");
        if (mask.ValueKind == JsonValueKind.Array)
        {
            return RunLength.OfPolygons(
                [.. mask.EnumerateArray().Select(part => part.EnumerateArray().Select(n => n.GetDouble()).ToArray())],
                size.Height, size.Width);
        }

        var counts = mask.GetProperty("counts");
        return counts.ValueKind == JsonValueKind.String
            ? RunLength.OfText(counts.GetString()!, size.Height, size.Width)
            : RunLength.OfCounts([.. counts.EnumerateArray().Select(n => n.GetInt32())], size.Height, size.Width);
    }
}
