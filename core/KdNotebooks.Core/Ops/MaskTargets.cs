using System.Numerics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Ops;

/// <summary>What a mask head should say: true masks, cropped to boxes and resized.</summary>
/// <remarks>
/// RoIAlign of the masks at a scale of 1 with an adaptive grid, as torchvision's project_masks_on_boxes. A mask has one
/// channel, of which a bin takes a row's weights times a column's; so rows are added first and columns then, in managed
/// memory, from bytes as they are. No gradient passes.
/// </remarks>
public static class MaskTargets
{
    /// <param name="masks">[G, H, W]: bool or uint8 of 0 and 1, or floating point</param>
    /// <param name="boxes">[K, 4], in pixels of the masks</param>
    /// <param name="matches">[K] int64: which mask a box is to show, 0 to G - 1</param>
    /// <param name="size">Of the result, in bins. The default value is 28.</param>
    /// <returns>[K, size, size] float32, 0 to 1 where the masks are, on the boxes' device</returns>
    public static Tensor Crop(Tensor masks, Tensor boxes, Tensor matches, int size = 28)
    {
        Boxes.RequireBoxes(boxes, nameof(boxes));
        if (masks.dim() != 3 || matches.dim() != 1 || matches.shape[0] != boxes.shape[0])
        {
            throw new KdException(
                $"MaskTargets: expected masks [G, H, W] and a match for each of {boxes.shape[0]} boxes, got "
                + $"[{string.Join(", ", masks.shape)}] and [{string.Join(", ", matches.shape)}].");
        }

        using var scope = torch.NewDisposeScope();
        var sides = ManagedCopy.Of<float>(boxes);
        var which = ManagedCopy.Of<long>(matches);
        if (Array.FindIndex(which, match => match < 0 || match >= masks.shape[0]) is >= 0 and var wrong)
        {
            throw new KdException(
                $"MaskTargets: box {wrong} is matched to mask {which[wrong]}, and there are {masks.shape[0]}; they "
                + "count from 0.");
        }

        var (height, width) = (masks.shape[1], masks.shape[2]);
        var targets = masks.dtype is torch.ScalarType.Bool or torch.ScalarType.Byte
            ? Crop(ManagedCopy.Of<byte>(masks), height, width, sides, which, size)
            : Crop(ManagedCopy.Of<float>(masks), height, width, sides, which, size);
        return torch.tensor(targets).view(which.Length, size, size).to(boxes.device).MoveToOuterDisposeScope();
    }

    private static float[] Crop<TPixel>(
        TPixel[] masks, long height, long width, float[] sides, long[] matches, int size)
        where TPixel : unmanaged, INumberBase<TPixel>
    {
        var taps = new RoiTaps<float>(size, 1, samplingRatio: -1, aligned: false, height, width);
        var (targets, line) = (new float[matches.Length * size * size], new float[width]);
        for (var box = 0; box < matches.Length; box++)
        {
            var count = taps.Fit(sides.AsSpan(4 * box, 4));
            for (var row = 0; row < size; row++)
            {
                Array.Clear(line);
                foreach (var (y, weight) in taps.Rows[row])
                {
                    Add(masks.AsSpan((int)(((matches[box] * height) + y) * width), (int)width), weight / count, line);
                }

                for (var column = 0; column < size; column++)
                {
                    var sum = 0f;
                    foreach (var (x, weight) in taps.Columns[column])
                    {
                        sum += line[x] * weight;
                    }

                    targets[(((box * size) + row) * size) + column] = sum;
                }
            }
        }

        return targets;
    }

    private static void Add<TPixel>(ReadOnlySpan<TPixel> pixels, float weight, float[] line)
        where TPixel : unmanaged, INumberBase<TPixel>
    {
        for (var x = 0; x < pixels.Length; x++)
        {
            line[x] += float.CreateTruncating(pixels[x]) * weight;
        }
    }
}
