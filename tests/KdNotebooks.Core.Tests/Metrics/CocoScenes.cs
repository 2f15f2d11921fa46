using KdNotebooks.Masks;
using KdNotebooks.Metrics;

namespace KdNotebooks.Tests.Metrics;

/// <summary>
/// Random images with objects and detections: crowds, ignored objects, equal scores, equal boxes, areas on the borders
/// of small and medium, images and classes without any.
/// </summary>
internal static class CocoScenes
{
    /// <summary>The last one has no objects, the one before no detections.</summary>
    public const int Classes = 5;

    private const int Height = 130, Width = 150;

    public static IReadOnlyList<CocoScene> Random(
        int seed, bool masks, int images = 9, int found = 14, int classes = Classes)
    {
        var dice = new Random(seed);
        var ids = Enumerable.Range(1, images).Select(i => (long)i * 17 % 101).ToArray();
        return [.. ids.Select(id => Scene(dice, id, masks, dice.Next(found + 1), classes))];
    }

    private static CocoScene Scene(Random dice, long id, bool masks, int count, int classes)
    {
        var truths = Enumerable.Range(0, dice.Next(7)).Select(_ => Truth(dice, masks, classes)).ToList();
        var found = Enumerable.Range(0, count).Select(_ => Found(dice, truths, masks, classes)).ToList();
        return new CocoScene(id, truths, found);
    }

    private static TrueObject Truth(Random dice, bool masks, int classes)
    {
        var box = AnyBox(dice);
        double[] areas = [box.Area, 1024, 1024.5, 9216, box.Area / 2];
        return new TrueObject(
            dice.Next(Math.Max(1, classes - 1)), box, areas[dice.Next(areas.Length)], dice.NextDouble() < 0.2,
            masks ? Mask(dice, box) : null, dice.NextDouble() < 0.1);
    }

    private static FoundObject Found(Random dice, List<TrueObject> truths, bool masks, int classes)
    {
        var @class = dice.Next(classes);
        var (box, mask) = (AnyBox(dice), (RunLength?)null);
        if (truths.Count > 0 && dice.NextDouble() < 0.75)
        {
            var one = truths[dice.Next(truths.Count)];
            (@class, box, mask) = (one.Class, one.Box, dice.Next(3) == 0 ? one.Mask : null);
            box = dice.Next(3) == 0 ? box : box with { Left = box.Left + dice.Next(-4, 5), Height = box.Height + 2 };
        }

        @class = @class == classes - 2 && classes > 2 ? 0 : @class;
        return new FoundObject(@class, dice.Next(8) / 8.0, box, masks ? mask ?? Mask(dice, box) : null);
    }

    private static ImageBox AnyBox(Random dice)
    {
        double[] sizes = [0, 8, 32, 32.5, 60, 96, 110];
        return new ImageBox(dice.Next(60), dice.Next(50), sizes[dice.Next(7)], sizes[dice.Next(7)]);
    }

    // A box with a corner cut off.
    private static RunLength Mask(Random dice, ImageBox box) => RunLength.OfPolygon(
        [
            box.Left, box.Top, box.Left, box.Bottom, box.Right, box.Bottom,
            box.Right, box.Top + (box.Height * dice.NextDouble() / 3), box.Left + (box.Width * 0.8), box.Top,
        ],
        Height, Width);
}
