using KdNotebooks.Ops;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Detection;

/// <summary>The regions that a stage learns from.</summary>
/// <param name="Boxes">An image each: [n, 4].</param>
/// <param name="Labels">[R] int64, 0 for background, a class plus 1.</param>
/// <param name="Wanted">[R, 4] deltas to the true boxes; of background of no meaning.</param>
/// <param name="Things">An image each: [n] int64, which thing; of background of no meaning.</param>
/// <param name="Proposed">An image each: [m] int64, which of its boxes are proposals and no true boxes.</param>
internal sealed record RegionTargets(
    IReadOnlyList<Tensor> Boxes, Tensor Labels, Tensor Wanted, IReadOnlyList<Tensor> Things,
    IReadOnlyList<Tensor> Proposed);

/// <summary>One stage of box heads; the usual detector has one.</summary>
/// <param name="Weight">Of its losses.</param>
/// <param name="Beta">Below which its box loss is a square.</param>
internal sealed record CascadeStage(BoxMatcher Matcher, BoxCoder Coder, double Weight, double Beta)
{
    public BoxHead Head { get; init; } = null!;

    public BoxPredictor Predictor { get; init; } = null!;

    /// <summary>
    /// Cai and Vasconcelos 2018, section 4.2, with what mmdetection's <c>cascade_rcnn_r50_fpn</c> has: weights of the stages,
    /// one box for all classes, true boxes among each stage's proposals, beta 1.
    /// </summary>
    public static IReadOnlyList<CascadeStage> Of(FasterRcnnOptions options) => options.Cascade
        ? [Stage(0.5, 1, 1, 1), Stage(0.6, 2, 0.5, 1), Stage(0.7, 3, 0.25, 1)]
        : [Stage(0.5, 1, 1, 1.0 / 9)];

    /// <summary>Cross-entropy of all regions; smooth L1 of the foreground's boxes, over the number of all.</summary>
    public (Tensor Classes, Tensor Boxes) Losses(Tensor logits, Tensor deltas, RegionTargets chosen)
    {
        var classes = functional.cross_entropy(logits, chosen.Labels);
        var foreground = chosen.Labels.gt(0).nonzero().flatten();
        var boxes = deltas.view(deltas.shape[0], -1, 4).index_select(0, foreground);
        var labels = chosen.Labels.index_select(0, foreground);
        var own = boxes.shape[1] == 1
            ? boxes.squeeze(1)
            : boxes.gather(1, labels.view(-1, 1, 1).expand(-1, 1, 4)).squeeze(1);
        return (classes, functional.smooth_l1_loss(
            own, chosen.Wanted.index_select(0, foreground), nn.Reduction.Sum, Beta) / Math.Max(1, chosen.Labels.shape[0]));
    }

    private static CascadeStage Stage(double overlap, int sharper, double weight, double beta) => new(
        new BoxMatcher(overlap, overlap, everyThing: false),
        new BoxCoder(10 * sharper, 10 * sharper, 5 * sharper, 5 * sharper), weight, beta);
}
