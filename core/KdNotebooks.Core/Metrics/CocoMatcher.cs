using KdNotebooks.Masks;

namespace KdNotebooks.Metrics;

/// <summary>What became of a detection at each area range and IoU threshold: bit t of a word of 16 an area
/// range.</summary>
/// <param name="Score">Of the detection.</param>
/// <param name="Image">Its image, by when it was added.</param>
/// <param name="Rank">0 for the best of its class in its image.</param>
/// <param name="Right">It matched an object that is to be found.</param>
/// <param name="Wrong">It matched none, and counts.</param>
internal readonly record struct CocoMatch(double Score, int Image, byte Rank, ulong Right, ulong Wrong);

/// <summary>
/// Assigns one image's detections of one class to its objects, as the reference implementation's <c>evaluateImg</c>:
/// the best score first, to the free object of largest IoU; of equal ones to the last; those that are not to be found
/// only where no other fits.
/// </summary>
internal sealed class CocoMatcher(CocoRegion region)
{
    private double[] iou = [];
    private readonly double[] reach = new double[CocoScale.MostFound];
    private readonly ImageBox[] boxes = new ImageBox[CocoScale.MostFound];
    private bool[] ignored = [], taken = [];
    private int[] order = [];

    /// <param name="truths">All of the class in the image.</param>
    /// <param name="found">The best of the class in the image, best first; at most 100.</param>
    /// <returns>One match each of <paramref name="found"/>; how many objects are to be found in each area
    /// range.</returns>
    public (CocoMatch[] Matches, int[] Wanted) Match(ReadOnlySpan<TrueObject> truths, ReadOnlySpan<FoundObject> found)
    {
        Reserve(truths, found);
        FillIou(truths, found);
        var wanted = new int[CocoScale.Areas];
        Span<ulong> right = stackalloc ulong[CocoScale.MostFound], wrong = stackalloc ulong[CocoScale.MostFound];
        right.Clear();
        wrong.Clear();
        for (var a = 0; a < CocoScale.Areas; a++)
        {
            var (least, largest) = CocoScale.AreaRanges[a];
            wanted[a] = Order(truths, least, largest);
            for (var t = 0; t < CocoScale.Thresholds; t++)
            {
                Assign(
                    truths, found.Length, Math.Min(CocoScale.Iou[t], 1 - 1e-10), 1UL << ((16 * a) + t), right, wrong);
            }

            // What matched nothing and is of another size is no mistake.
            for (var d = 0; d < found.Length; d++)
            {
                var area = region == CocoRegion.Mask ? found[d].Mask!.Area : found[d].Box.Area;
                wrong[d] &= area < least || area > largest ? ~(0xffffUL << (16 * a)) : ~0UL;
            }
        }

        var matches = new CocoMatch[found.Length];
        for (var d = 0; d < found.Length; d++)
        {
            matches[d] = new CocoMatch(found[d].Score, 0, (byte)d, right[d], wrong[d]);
        }

        return (matches, wanted);
    }

    private void Assign(
        ReadOnlySpan<TrueObject> truths, int found, double threshold, ulong bit, Span<ulong> right, Span<ulong> wrong)
    {
        var count = truths.Length;
        Array.Clear(taken, 0, count);
        for (var d = 0; d < found; d++)
        {
            var (best, match) = (threshold, -1);
            if (reach[d] < best)
            {
                wrong[d] |= bit;
                continue;
            }

            var row = iou.AsSpan(d * count, count);
            for (var i = 0; i < count; i++)
            {
                var g = order[i];
                if (taken[g] && !truths[g].Crowd)
                {
                    continue;
                }

                if (match > -1 && !ignored[match] && ignored[g])
                {
                    break;
                }

                if (row[g] >= best)
                {
                    (best, match) = (row[g], g);
                }
            }

            if (match < 0)
            {
                wrong[d] |= bit;
                continue;
            }

            taken[match] = true;
            right[d] |= ignored[match] ? 0 : bit;
        }
    }

    // Objects that are to be found first, each group in its order.
    private int Order(ReadOnlySpan<TrueObject> truths, double least, double largest)
    {
        var wanted = 0;
        for (var g = 0; g < truths.Length; g++)
        {
            var one = truths[g];
            ignored[g] = one.Crowd || one.Ignored || one.Area < least || one.Area > largest;
            wanted += ignored[g] ? 0 : 1;
        }

        var (first, last) = (0, wanted);
        for (var g = 0; g < truths.Length; g++)
        {
            order[ignored[g] ? last++ : first++] = g;
        }

        return wanted;
    }

    private void FillIou(ReadOnlySpan<TrueObject> truths, ReadOnlySpan<FoundObject> found)
    {
        for (var d = 0; d < found.Length; d++)
        {
            reach[d] = double.NegativeInfinity;
        }

        for (var g = 0; g < truths.Length; g++)
        {
            var (one, around) = (truths[g], truths[g].Mask?.Box ?? default);
            for (var d = 0; d < found.Length; d++)
            {
                var value = region == CocoRegion.Box
                    ? found[d].Box.Iou(one.Box, one.Crowd)
                    : found[d].Mask!.Iou(one.Mask!, one.Crowd, boxes[d].Iou(around));
                iou[(d * truths.Length) + g] = value;
                reach[d] = Math.Max(reach[d], value);
            }
        }
    }

    private void Reserve(ReadOnlySpan<TrueObject> truths, ReadOnlySpan<FoundObject> found)
    {
        if (order.Length < truths.Length)
        {
            (order, ignored, taken) = (new int[truths.Length], new bool[truths.Length], new bool[truths.Length]);
        }

        if (iou.Length < truths.Length * found.Length)
        {
            iou = new double[truths.Length * found.Length];
        }

        for (var d = 0; region == CocoRegion.Mask && d < found.Length; d++)
        {
            boxes[d] = found[d].Mask!.Box;
        }
    }
}
