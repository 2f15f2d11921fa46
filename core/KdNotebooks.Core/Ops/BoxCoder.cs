using KdNotebooks.Runtime;

namespace KdNotebooks.Ops;

/// <summary>
/// Boxes as offsets from reference boxes (anchors, proposals): the centre's shift as a share of the reference's size,
/// and the logarithm of the ratio of sizes, each times its weight. Girshick et al. 2014 (arXiv:1311.2524), appendix C,
/// as torchvision's BoxCoder.
/// </summary>
/// <param name="X">Weight of the centre's shift to the right. The default value is 1.</param>
/// <param name="Y">Weight of the centre's shift downwards. The default value is 1.</param>
/// <param name="Width">Weight of the logarithm of the ratio of widths. The default value is 1.</param>
/// <param name="Height">Weight of the logarithm of the ratio of heights. The default value is 1.</param>
/// <remarks>A box head has weights 10, 10, 5, 5; an RPN and a RetinaNet have 1, 1, 1, 1.</remarks>
public sealed record BoxCoder(double X = 1, double Y = 1, double Width = 1, double Height = 1)
{
    // exp of a logit that has not learnt yet overflows; a box is at most 62.5 times its reference.
    private static readonly double Clip = Math.Log(1000.0 / 16);

    /// <summary>Offsets that lead from reference boxes to boxes.</summary>
    /// <param name="boxes">[N, 4], of positive width and height: what is to be reached</param>
    /// <param name="references">[N, 4], of positive width and height</param>
    /// <returns>[N, 4]: (dx, dy, dw, dh), dimensionless</returns>
    public Tensor Encode(Tensor boxes, Tensor references)
    {
        Boxes.RequireBoxes(boxes, nameof(boxes));
        Boxes.RequireBoxes(references, nameof(references));
        RequireRows(boxes, references, "boxes");
        using var scope = torch.NewDisposeScope();
        var (box, reference) = (Centred(boxes), Centred(references));
        return torch.stack(
            [
                X * (box.X - reference.X) / reference.Width, Y * (box.Y - reference.Y) / reference.Height,
                Width * (box.Width / reference.Width).log(), Height * (box.Height / reference.Height).log(),
            ], 1).MoveToOuterDisposeScope();
    }

    /// <summary>The boxes that offsets lead to; sizes are cut at 62.5 times the reference's.</summary>
    /// <param name="offsets">[N, 4 K]: for each of K classes</param>
    /// <param name="references">[N, 4]; what is computed has the offsets' type</param>
    /// <returns>[N, K, 4]; of an RPN or another head with K = 1, [N, 1, 4]</returns>
    public Tensor Decode(Tensor offsets, Tensor references)
    {
        Boxes.RequireBoxes(references, nameof(references));
        if (offsets.dim() != 2 || offsets.shape[1] % 4 != 0)
        {
            throw new KdException(
                $"BoxCoder: expected offsets as [N, 4 K], got [{string.Join(", ", offsets.shape)}]; give four for each "
                + "class.");
        }

        RequireRows(offsets, references, "offsets");
        using var scope = torch.NewDisposeScope();
        var reference = Centred(references.to(offsets.dtype).unsqueeze(1)); // [N, 1] each
        var parts = offsets.view(offsets.shape[0], offsets.shape[1] / 4, 4).unbind(-1); // [N, K] each
        var x = (parts[0] / X * reference.Width) + reference.X;
        var y = (parts[1] / Y * reference.Height) + reference.Y;
        var halfWidth = (parts[2] / Width).clamp_max(Clip).exp() * reference.Width * 0.5;
        var halfHeight = (parts[3] / Height).clamp_max(Clip).exp() * reference.Height * 0.5;
        return torch.stack([x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight], -1)
            .MoveToOuterDisposeScope();
    }

    private static (Tensor X, Tensor Y, Tensor Width, Tensor Height) Centred(Tensor boxes)
    {
        var sides = boxes.unbind(-1);
        var (width, height) = (sides[2] - sides[0], sides[3] - sides[1]);
        return (sides[0] + (0.5 * width), sides[1] + (0.5 * height), width, height);
    }

    private static void RequireRows(Tensor rows, Tensor references, string name)
    {
        if (rows.shape[0] != references.shape[0])
        {
            throw new KdException(
                $"BoxCoder: expected as many {name} as references, got {rows.shape[0]} and {references.shape[0]}; give "
                + "each row its reference box.");
        }
    }
}
