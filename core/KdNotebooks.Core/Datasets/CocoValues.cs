using System.Text.Json;
using KdNotebooks.Masks;
using KdNotebooks.Runtime;

namespace KdNotebooks.Datasets;

/// <summary>A mask that was read, or why there is none.</summary>
internal readonly record struct MaskText(MaskShape? Shape, string? Problem);

/// <summary>Boxes and masks, as annotations and results have them.</summary>
internal static class CocoValues
{
    // Of a polygon or a mask; real ones have a thousandth of it.
    private const int Most = 1 << 22;

    /// <summary>Left, top, width, height.</summary>
    /// <exception cref="KdException">No four numbers.</exception>
    public static ImageBox Box(ref JsonTokens tokens)
    {
        var sides = Numbers(ref tokens, "bbox", 4);
        return sides.Count == 4
            ? new ImageBox(sides[0], sides[1], sides[2], sides[3])
            : throw new KdException($"its bbox has {sides.Count} numbers; expected left, top, width and height");
    }

    /// <summary>Polygons, or run lengths in either form; an empty list or null is no mask.</summary>
    /// <exception cref="KdException">Something that is neither.</exception>
    public static MaskText Mask(ref JsonTokens tokens) => tokens.Type switch
    {
        JsonTokenType.Null => default,
        JsonTokenType.StartObject => Runs(ref tokens),
        _ => Polygons(ref tokens),
    };

    private static MaskText Polygons(ref JsonTokens tokens)
    {
        tokens.Expect(JsonTokenType.StartArray, "segmentation");
        var polygons = new List<double[]>();
        for (tokens.Next(); tokens.Type != JsonTokenType.EndArray; tokens.Next())
        {
            polygons.Add([.. Numbers(ref tokens, "polygon", Most)]);
        }

        return polygons.Count == 0 ? default : Checked(() => MaskShape.OfPolygons(polygons));
    }

    private static MaskText Runs(ref JsonTokens tokens)
    {
        var (size, counts, text) = (default(List<double>), default(List<double>), default(string));
        for (tokens.Next(); tokens.Type != JsonTokenType.EndObject; tokens.Next())
        {
            var key = tokens.Is("size"u8) ? 0 : tokens.Is("counts"u8) ? 1 : 2;
            tokens.Next();
            switch (key)
            {
                case 0: size = Numbers(ref tokens, "size", 2); break;
                case 1 when tokens.Type == JsonTokenType.String: text = tokens.Text("counts"); break;
                case 1: counts = Numbers(ref tokens, "counts", Most); break;
                default: tokens.Skip(); break;
            }
        }

        if (size is not [var height, var width] || (text is null && counts is null))
        {
            throw new KdException(
                "its segmentation lacks size or counts; expected {\"size\": [H, W], \"counts\": ...}");
        }

        return Checked(() =>
        {
            var (h, w) = (Whole(height, "size"), Whole(width, "size"));
            return MaskShape.OfRuns(text is not null
                ? RunLength.OfText(text, h, w)
                : RunLength.OfCounts(counts!.ConvertAll(count => Whole(count, "counts")), h, w));
        });
    }

    private static MaskText Checked(Func<MaskShape> make)
    {
        try
        {
            return new MaskText(make(), null);
        }
        catch (KdException problem)
        {
            return new MaskText(null, problem.Message);
        }
    }

    private static int Whole(double number, string what) =>
        number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue ? (int)number : throw new KdException($"{what} {number}; expected whole numbers");

    private static List<double> Numbers(ref JsonTokens tokens, string what, int most)
    {
        tokens.Expect(JsonTokenType.StartArray, what);
        var numbers = new List<double>();
        for (tokens.Next(); tokens.Type != JsonTokenType.EndArray; tokens.Next())
        {
            numbers.Add(numbers.Count < most ? tokens.Real(what) : throw new KdException(
                $"its {what} has more than {most} numbers; expected at most as many"));
        }

        return numbers;
    }
}
