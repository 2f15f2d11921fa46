using System.Numerics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Ops;

/// <summary>
/// Non-maximum suppression: of boxes that overlap by more than a threshold, the one of the highest score. Indices are
/// torchvision's, to the last one: scores are sorted stably, NaN first, and overlaps are compared bit for bit alike.
/// </summary>
/// <remarks>
/// The TorchVision package asks libtorch anew for each box that is kept (README.md of this folder). Here boxes are read
/// once, from whatever device they are on, and compared in managed memory, a vector of them at a time. No gradient
/// passes.
/// </remarks>
public static class Nms
{
    // torchvision's batched_nms moves classes apart up to this many boxes, which rounds, and goes by class beyond.
    private const int ShiftedAtMost = 1000;

    /// <summary>The boxes that no box of a higher score overlaps by more than the threshold.</summary>
    /// <param name="boxes">[N, 4] as <see cref="Boxes"/></param>
    /// <param name="scores">[N]</param>
    /// <param name="threshold">Of IoU: a box that overlaps by exactly so much is kept.</param>
    /// <returns>[K] int64 by descending score, of equal scores the lower index first; on the boxes' device</returns>
    public static Tensor Keep(Tensor boxes, Tensor scores, double threshold)
    {
        Require(boxes, scores);
        return Indices(boxes, scores, boxes.dtype == torch.ScalarType.Float64
            ? new NmsKernel<double>(ManagedCopy.Of<double>(boxes), threshold).Keep
            : new NmsKernel<float>(ManagedCopy.Of<float>(boxes), threshold).Keep);
    }

    /// <summary>The same where only boxes of one class, or of one level, suppress each other.</summary>
    /// <param name="boxes">[N, 4] as <see cref="Boxes"/></param>
    /// <param name="scores">[N]</param>
    /// <param name="classes">[N], whole numbers; any number stands for a class</param>
    /// <param name="threshold">Of IoU.</param>
    /// <returns>[K] int64 by descending score, of equal scores the lower index first; on the boxes' device</returns>
    /// <remarks>
    /// As torchvision up to its rounding: it moves the classes of up to 1000 boxes apart before it compares them.
    /// Where a coordinate is negative or infinite, that would let classes meet; then they are compared where they are.
    /// Beyond 1000 boxes torchvision's order of equal scores is that of an unstable sort; here it is by index always.
    /// </remarks>
    public static Tensor KeepByClass(Tensor boxes, Tensor scores, Tensor classes, double threshold)
    {
        Require(boxes, scores);
        if (classes.dim() != 1 || classes.shape[0] != boxes.shape[0])
        {
            throw new KdException(
                $"Nms: expected a class for each of {boxes.shape[0]} boxes, got [{string.Join(", ", classes.shape)}].");
        }

        using var scope = torch.NewDisposeScope();
        var labels = ManagedCopy.Of<long>(classes);
        return Indices(boxes, scores, boxes.dtype == torch.ScalarType.Float64
            ? ByClass(ManagedCopy.Of<double>(boxes), labels, threshold)
            : ByClass(ManagedCopy.Of<float>(boxes), labels, threshold)).MoveToOuterDisposeScope();
    }

    private static Func<int[], List<int>> ByClass<T>(T[] boxes, long[] classes, double threshold)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (classes.Length is > 0 and <= ShiftedAtMost && boxes.All(side => T.IsFinite(side) && side >= T.Zero))
        {
            var apart = boxes.Max() + T.One;
            var shifted = boxes.Select((side, i) => side + (T.CreateChecked(classes[i / 4]) * apart)).ToArray();
            return new NmsKernel<T>(shifted, threshold).Keep;
        }

        var kernel = new NmsKernel<T>(boxes, threshold);
        return order =>
        {
            var kept = new bool[order.Length];
            foreach (var group in order.GroupBy(index => classes[index]))
            {
                kernel.Keep([.. group]).ForEach(index => kept[index] = true);
            }

            return [.. order.Where(index => kept[index])];
        };
    }

    private static Tensor Indices(Tensor boxes, Tensor scores, Func<int[], List<int>> keep)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        // Sorted by torch, so that NaN and equal scores come where torchvision has them.
        var (_, sorted) = torch.sort(scores.detach().cpu(), dim: 0, descending: true, stable: true);
        var order = Array.ConvertAll(ManagedCopy.Of<long>(sorted), index => (int)index);
        var kept = keep(order).ConvertAll(index => (long)index).ToArray();
        return torch.tensor(kept, torch.int64).to(boxes.device).MoveToOuterDisposeScope();
    }

    private static void Require(Tensor boxes, Tensor scores)
    {
        Boxes.RequireBoxes(boxes, nameof(boxes));
        if (scores.dim() != 1 || scores.shape[0] != boxes.shape[0])
        {
            throw new KdException(
                $"Nms: expected a score for each of {boxes.shape[0]} boxes, got [{string.Join(", ", scores.shape)}].");
        }
    }
}
