using System.Numerics;

namespace KdNotebooks.Ops;

/// <summary>The comparisons of <see cref="Nms"/>, on sides that lie by coordinate and by descending score.</summary>
/// <param name="boxes">[N, 4], flat</param>
internal sealed class NmsKernel<T>(T[] boxes, double threshold)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // An overlap is above the threshold, a double, where it is above the largest T that is not.
    private readonly T limit = Down(threshold);

    /// <param name="order">Indices of boxes, by descending score.</param>
    /// <returns>Those that stay, in that order.</returns>
    public List<int> Keep(int[] order)
    {
        var n = order.Length;
        T[] x1 = new T[n], y1 = new T[n], x2 = new T[n], y2 = new T[n], areas = new T[n];
        for (var i = 0; i < n; i++)
        {
            var box = boxes.AsSpan(4 * order[i], 4);
            (x1[i], y1[i], x2[i], y2[i]) = (box[0], box[1], box[2], box[3]);
            areas[i] = (x2[i] - x1[i]) * (y2[i] - y1[i]);
        }

        var gone = new T[n]; // not 0 where the box is suppressed; a T, so that lanes match
        var kept = new List<int>();
        for (var i = 0; i < n; i++)
        {
            if (gone[i] == T.Zero)
            {
                kept.Add(order[i]);
                Suppress(i, x1, y1, x2, y2, areas, gone);
            }
        }

        return kept;
    }

    private void Suppress(int i, T[] x1, T[] y1, T[] x2, T[] y2, T[] areas, T[] gone)
    {
        var j = i + 1;
        var (left, top, right, bottom, area) = (
            new Vector<T>(x1[i]), new Vector<T>(y1[i]), new Vector<T>(x2[i]), new Vector<T>(y2[i]),
            new Vector<T>(areas[i]));
        for (var most = new Vector<T>(limit); j <= x1.Length - Vector<T>.Count; j += Vector<T>.Count)
        {
            var width = Max(Vector<T>.Zero, Min(right, new(x2, j)) - Max(left, new(x1, j)));
            var height = Max(Vector<T>.Zero, Min(bottom, new(y2, j)) - Max(top, new(y1, j)));
            var inter = width * height;
            var above = Vector.GreaterThan(inter / (area + new Vector<T>(areas, j) - inter), most);
            (new Vector<T>(gone, j) | Vector.ConditionalSelect(above, Vector<T>.One, Vector<T>.Zero)).CopyTo(gone, j);
        }

        for (; j < x1.Length; j++)
        {
            var width = Max(T.Zero, Min(x2[i], x2[j]) - Max(x1[i], x1[j]));
            var height = Max(T.Zero, Min(y2[i], y2[j]) - Max(y1[i], y1[j]));
            var inter = width * height;
            gone[j] = inter / (areas[i] + areas[j] - inter) > limit ? T.One : gone[j];
        }
    }

    // As std::max(a, b) and std::min(a, b): a NaN in b loses, one in a stays. So torchvision, and so the same indices.
    private static Vector<T> Max(Vector<T> a, Vector<T> b) => Vector.ConditionalSelect(Vector.LessThan(a, b), b, a);

    private static Vector<T> Min(Vector<T> a, Vector<T> b) => Vector.ConditionalSelect(Vector.LessThan(b, a), b, a);

    private static T Max(T a, T b) => a < b ? b : a;

    private static T Min(T a, T b) => b < a ? b : a;

    private static T Down(double threshold)
    {
        var nearest = T.CreateTruncating(threshold);
        return double.CreateTruncating(nearest) > threshold ? T.BitDecrement(nearest) : nearest;
    }
}
