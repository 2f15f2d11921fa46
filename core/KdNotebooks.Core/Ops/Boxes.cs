using KdNotebooks.Runtime;

namespace KdNotebooks.Ops;

/// <summary>
/// Boxes as rows (x1, y1, x2, y2), in pixels of the image: left, top, right, bottom; a right or bottom side is as far
/// from 0 as the sum of the left or top one and the length. All of it is differentiable.
/// </summary>
/// <remarks>
/// IoU and GIoU go by coordinate, [N, M] each, and not by [N, M, 2] as in torchvision and the TorchVision package: the
/// same bits in half the time and memory (README.md of this folder).
/// </remarks>
public static class Boxes
{
    /// <summary>Width times height; negative where one side is.</summary>
    /// <param name="boxes">[N, 4]</param>
    /// <returns>[N], in squared pixels</returns>
    public static Tensor Areas(Tensor boxes)
    {
        RequireBoxes(boxes, nameof(boxes));
        using var scope = torch.NewDisposeScope();
        var (x1, y1, x2, y2) = Sides(Upcast(boxes));
        return ((x2 - x1) * (y2 - y1)).MoveToOuterDisposeScope();
    }

    /// <summary>Moves the sides that are outside the image onto its edge.</summary>
    /// <param name="boxes">[..., 4]: of one class or of each</param>
    /// <param name="height">Of the image, in pixels.</param>
    /// <param name="width">Of the image, in pixels.</param>
    public static Tensor Clip(Tensor boxes, long height, long width)
    {
        RequireBoxes(boxes, nameof(boxes), anyRank: true);
        using var scope = torch.NewDisposeScope();
        var (x1, y1, x2, y2) = Sides(boxes);
        return torch.stack([x1.clamp(0, width), y1.clamp(0, height), x2.clamp(0, width), y2.clamp(0, height)], -1)
            .MoveToOuterDisposeScope();
    }

    /// <summary>The indices of the boxes whose sides are both at least so long.</summary>
    /// <param name="boxes">[N, 4]</param>
    /// <param name="least">In pixels.</param>
    /// <returns>[K] int64, ascending</returns>
    public static Tensor LargeEnough(Tensor boxes, double least)
    {
        RequireBoxes(boxes, nameof(boxes));
        using var scope = torch.NewDisposeScope();
        var (x1, y1, x2, y2) = Sides(boxes);
        return ((x2 - x1) >= least).logical_and((y2 - y1) >= least).nonzero().squeeze(1).MoveToOuterDisposeScope();
    }

    /// <summary>The intersection over the union of each box with each other. Two empty boxes give NaN.</summary>
    /// <param name="a">[N, 4]</param>
    /// <param name="b">[M, 4], of the same type</param>
    /// <returns>[N, M], 0 to 1</returns>
    public static Tensor Iou(Tensor a, Tensor b)
    {
        using var scope = torch.NewDisposeScope();
        var (inter, union, _) = Overlaps(a, b);
        return (inter / union).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// IoU less the share of the smallest box around both that neither covers. Rezatofighi et al. 2019
    /// (arXiv:1902.09630), eq. 2.
    /// </summary>
    /// <param name="a">[N, 4]</param>
    /// <param name="b">[M, 4], of the same type</param>
    /// <returns>[N, M], -1 to 1</returns>
    public static Tensor GeneralizedIou(Tensor a, Tensor b)
    {
        using var scope = torch.NewDisposeScope();
        var (inter, union, hull) = Overlaps(a, b);
        return ((inter / union) - ((hull() - union) / hull())).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// 1 - GIoU of each box with the one in the same row, as torchvision's generalized_box_iou_loss: the epsilon in
    /// both denominators keeps it finite for empty boxes.
    /// </summary>
    /// <param name="boxes">[N, 4]; the gradient reaches both.</param>
    /// <param name="truths">[N, 4]</param>
    /// <param name="epsilon">In squared pixels. The default value is 1e-7.</param>
    /// <returns>[N], 0 to 2</returns>
    public static Tensor GeneralizedIouLoss(Tensor boxes, Tensor truths, double epsilon = 1e-7)
    {
        RequireBoxes(boxes, nameof(boxes));
        RequireBoxes(truths, nameof(truths));
        if (boxes.shape[0] != truths.shape[0])
        {
            throw new KdException(
                $"GeneralizedIouLoss: expected as many truths as boxes, got {boxes.shape[0]} boxes and "
                + $"{truths.shape[0]} truths; give each box the truth it is matched to.");
        }

        using var scope = torch.NewDisposeScope();
        var (inter, union, hull) = Overlaps(Sides(Upcast(boxes)), Sides(Upcast(truths)));
        var around = hull();
        return (1 - (inter / (union + epsilon)) + ((around - union) / (around + epsilon))).MoveToOuterDisposeScope();
    }

    /// <summary>(x1, y1, x2, y2) to (x1, y1, width, height), COCO's way.</summary>
    /// <param name="boxes">[..., 4]</param>
    public static Tensor ToXywh(Tensor boxes)
    {
        RequireBoxes(boxes, nameof(boxes), anyRank: true);
        using var scope = torch.NewDisposeScope();
        var (x1, y1, x2, y2) = Sides(boxes);
        return torch.stack([x1, y1, x2 - x1, y2 - y1], -1).MoveToOuterDisposeScope();
    }

    /// <summary>(x1, y1, width, height), COCO's way, to (x1, y1, x2, y2).</summary>
    /// <param name="boxes">[..., 4]</param>
    public static Tensor FromXywh(Tensor boxes)
    {
        RequireBoxes(boxes, nameof(boxes), anyRank: true);
        using var scope = torch.NewDisposeScope();
        var (x, y, width, height) = Sides(boxes);
        return torch.stack([x, y, x + width, y + height], -1).MoveToOuterDisposeScope();
    }

    internal static void RequireBoxes(Tensor boxes, string name, bool anyRank = false)
    {
        if (boxes.dim() == 0 || boxes.shape[^1] != 4 || (!anyRank && boxes.dim() != 2))
        {
            throw new KdException(
                $"Expected {name} as [{(anyRank ? "..." : "N")}, 4], got [{string.Join(", ", boxes.shape)}]; a box is "
                + "a row (x1, y1, x2, y2).");
        }
    }

    private static (Tensor Inter, Tensor Union, Func<Tensor> Hull) Overlaps(Tensor a, Tensor b)
    {
        RequireBoxes(a, nameof(a));
        RequireBoxes(b, nameof(b));
        return Overlaps(Sides(Upcast(a).unsqueeze(1)), Sides(Upcast(b))); // [N, 1] and [M]
    }

    private static (Tensor Inter, Tensor Union, Func<Tensor> Hull) Overlaps(
        (Tensor X1, Tensor Y1, Tensor X2, Tensor Y2) a, (Tensor X1, Tensor Y1, Tensor X2, Tensor Y2) b)
    {
        var width = torch.minimum(a.X2, b.X2).sub_(torch.maximum(a.X1, b.X1)).clamp_min_(0);
        var height = torch.minimum(a.Y2, b.Y2).sub_(torch.maximum(a.Y1, b.Y1)).clamp_min_(0);
        var inter = width * height;
        var union = ((a.X2 - a.X1) * (a.Y2 - a.Y1)) + ((b.X2 - b.X1) * (b.Y2 - b.Y1)) - inter;
        return (inter, union, () =>
            torch.maximum(a.X2, b.X2).sub_(torch.minimum(a.X1, b.X1)).clamp_min_(0)
            * torch.maximum(a.Y2, b.Y2).sub_(torch.minimum(a.Y1, b.Y1)).clamp_min_(0));
    }

    private static (Tensor X1, Tensor Y1, Tensor X2, Tensor Y2) Sides(Tensor boxes)
    {
        var sides = boxes.unbind(-1);
        return (sides[0], sides[1], sides[2], sides[3]);
    }

    // Products of pixel coordinates leave the range of half precision, and whole numbers do not divide.
    private static Tensor Upcast(Tensor boxes) =>
        boxes.dtype is torch.ScalarType.Float32 or torch.ScalarType.Float64 ? boxes : boxes.to(torch.float32);
}
