using KdNotebooks.Masks;
using KdNotebooks.Runtime;

namespace KdNotebooks.Metrics;

/// <summary>Refuses what has no place in <see cref="CocoEvaluation"/>, before anything of an image is
/// counted.</summary>
internal static class CocoChecks
{
    public static void Require(
        long image, IReadOnlyList<TrueObject> truths, IReadOnlyList<FoundObject> found, int classes, CocoRegion region)
    {
        var size = default((int Height, int Width)?);
        for (var i = 0; i < truths.Count; i++)
        {
            var one = truths[i];
            Require(image, $"object {i}", one.Class, one.Box, one.Area, "area", classes);
            RequireMask(image, $"object {i}", one.Mask, region, ref size);
        }

        for (var i = 0; i < found.Count; i++)
        {
            var one = found[i];
            Require(image, $"detection {i}", one.Class, one.Box, one.Score, "score", classes);
            RequireMask(image, $"detection {i}", one.Mask, region, ref size);
        }
    }

    private static void Require(
        long image, string what, int @class, ImageBox box, double number, string name, int classes)
    {
        if (@class < 0 || @class >= classes)
        {
            throw new KdException(
                $"CocoEvaluation: {what} of image {image} has class {@class}; expected 0 to {classes - 1}.");
        }

        if (!box.IsFinite || !double.IsFinite(number))
        {
            throw new KdException(
                $"CocoEvaluation: {what} of image {image} has the {name} {number} and the box {box.Left}, {box.Top}, "
                + $"{box.Width}, {box.Height}; expected finite numbers.");
        }
    }

    private static void RequireMask(
        long image, string what, RunLength? mask, CocoRegion region, ref (int Height, int Width)? size)
    {
        if (region != CocoRegion.Mask)
        {
            return;
        }

        if (mask is null)
        {
            throw new KdException(
                $"CocoEvaluation: {what} of image {image} has no mask; expected one for each object and each detection "
                + "where masks are measured.");
        }

        size ??= (mask.Height, mask.Width);
        if (size != (mask.Height, mask.Width))
        {
            throw new KdException(
                $"CocoEvaluation: {what} of image {image} has a mask of {mask.Width}x{mask.Height} pixels, another one "
                + $"{size.Value.Width}x{size.Value.Height}; expected the size of the image.");
        }
    }
}
