using KdNotebooks.Data;
using KdNotebooks.Ops;

namespace KdNotebooks.Losses;

/// <summary>Which positions of a batch's map are things', which are none, and which lie outside of the images.</summary>
/// <param name="Things">
/// [N, 1, H, W]: within a box 1 over the positions that the box touches, the largest where boxes overlap; 0 elsewhere.
/// </param>
/// <param name="Rest">[N, 1, H, W]: 1 over their number at the image's other positions; 0 elsewhere.</param>
/// <param name="Own">[N], how many positions are the image's.</param>
/// <param name="Outside">[N, 1, H, W], true where a position is padding; null where images fill their batch.</param>
/// <remarks>Tensors belong to the dispose scope of whoever asks.</remarks>
internal sealed record Foreground(Tensor Things, Tensor Rest, Tensor Own, Tensor? Outside)
{
    /// <param name="map">[N, C, H, W], whose device and precision they get.</param>
    /// <param name="targets">Where they are no boxes there are no things, and images fill their batch.</param>
    /// <param name="sizes">[N], each image's own size in pixels.</param>
    public static Foreground Of(Tensor map, ITargets targets, IReadOnlyList<ImageSize> sizes)
    {
        var (n, h, w) = ((int)map.shape[0], (int)map.shape[2], (int)map.shape[3]);
        var (things, rest, own, outside) =
            (new double[n * h * w], new double[n * h * w], new double[n], new bool[n * h * w]);
        for (var i = 0; i < n; i++)
        {
            var (high, wide) = (h, w);
            if (targets is IBoxTargets boxes)
            {
                (high, wide) = sizes[i].Within(boxes.Image, h, w);
                Draw(boxes.Boxes[i], boxes.Image, things.AsSpan(i * h * w, h * w), (high, wide), (h, w));
            }

            own[i] = high * wide;
            Fill(things, rest, outside, i * h * w, (high, wide), (h, w));
        }

        using var scope = torch.NewDisposeScope();
        var type = Numerics.AtLeastSingle(map.dtype);
        return new Foreground(
            Places(things), Places(rest),
            torch.tensor(own, dtype: type, device: map.device).MoveToOuterDisposeScope(),
            Array.Exists(outside, padded => padded)
                ? torch.tensor(outside, [n, 1, h, w], device: map.device).MoveToOuterDisposeScope()
                : null);

        Tensor Places(double[] values) =>
            torch.tensor(values, [n, 1, h, w], dtype: type, device: map.device).MoveToOuterDisposeScope();
    }

    // As FGD's code rounds: from the position that the left edge is in to the one whose left edge is at or behind the
    // right edge. What of that lies outside of the image counts in the size, and is not drawn.
    private static void Draw(
        Tensor boxes, ImageSize image, Span<double> things, (int High, int Wide) own, (int Height, int Width) map)
    {
        var edges = ManagedCopy.Of<float>(boxes);
        for (var box = 0; box < edges.Length; box += 4)
        {
            var (left, right) = (
                (int)MathF.Floor(edges[box] / image.Width * map.Width),
                (int)MathF.Ceiling(edges[box + 2] / image.Width * map.Width));
            var (top, bottom) = (
                (int)MathF.Floor(edges[box + 1] / image.Height * map.Height),
                (int)MathF.Ceiling(edges[box + 3] / image.Height * map.Height));
            var weight = 1.0 / (bottom + 1 - top) / (right + 1 - left);
            for (var row = Math.Max(top, 0); row <= Math.Min(bottom, own.High - 1); row++)
            {
                for (var column = Math.Max(left, 0); column <= Math.Min(right, own.Wide - 1); column++)
                {
                    ref var place = ref things[(row * map.Width) + column];
                    place = Math.Max(place, weight);
                }
            }
        }
    }

    private static void Fill(
        double[] things, double[] rest, bool[] outside, int from, (int High, int Wide) own, (int Height, int Width) map)
    {
        var empty = (own.High * own.Wide) - things.AsSpan(from, map.Height * map.Width).ToArray().Count(value => value > 0);
        for (var row = 0; row < map.Height; row++)
        {
            for (var column = 0; column < map.Width; column++)
            {
                var at = from + (row * map.Width) + column;
                outside[at] = row >= own.High || column >= own.Wide;
                rest[at] = outside[at] || things[at] > 0 ? 0 : 1.0 / empty;
            }
        }
    }
}
