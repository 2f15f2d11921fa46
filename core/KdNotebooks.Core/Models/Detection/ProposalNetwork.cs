using KdNotebooks.Data;
using KdNotebooks.Losses;
using KdNotebooks.Ops;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Detection;

/// <summary>The head of a proposal network: over every level with the same weights.</summary>
internal sealed class ProposalHead : Module, IOldNames
{
    private readonly Sequential conv;
    private readonly Conv2d cls_logits, bbox_pred;

    public ProposalHead(int channels, int anchors) : base(nameof(ProposalHead))
    {
        conv = Sequential(("0", Sequential(("0", Conv2d(channels, channels, 3, 1, 1)), ("1", ReLU()))));
        cls_logits = Conv2d(channels, anchors, 1);
        bbox_pred = Conv2d(channels, 4L * anchors, 1);
        RegisterComponents();
        foreach (var each in modules().OfType<Conv2d>())
        {
            init.normal_(each.weight!, 0, 0.01);
            init.zeros_(each.bias!);
        }
    }

    // "conv.weight" in older files
    IEnumerable<(string Before, string Now)> IOldNames.OldNames => OldNames.Convolution("conv", "conv.0.0");

    // [N, C, H, W] -> [N, A, H, W] whether there is a thing, [N, 4 A, H, W] where
    public (Tensor Objectness, Tensor Deltas) Forward(Tensor level)
    {
        using var scope = torch.NewDisposeScope();
        var map = conv.call(level);
        return (cls_logits.call(map).MoveToOuterDisposeScope(), bbox_pred.call(map).MoveToOuterDisposeScope());
    }
}

/// <summary>
/// Where things may be: Ren et al. 2015 (arXiv:1506.01497), section 3.1, on a pyramid. Names as in torchvision
/// (<c>head.conv.0.0, head.cls_logits, head.bbox_pred</c>).
/// </summary>
internal sealed class ProposalNetwork : Module
{
    private const double SmallestSide = 1e-3;

    private static readonly BoxMatcher Matcher = new(0.7, 0.3, everyThing: true);
    private static readonly BoxCoder Coder = new(1, 1, 1, 1);

    private readonly ProposalHead head;
    private readonly Anchors grid;
    private readonly ProposalOptions options;
    private readonly BalancedSampler sampler;

    public ProposalNetwork(int channels, int levels, int smallestAnchor, ProposalOptions options)
        : base(nameof(ProposalNetwork))
    {
        this.options = options;
        grid = new Anchors(
            [.. Enumerable.Range(0, levels).Select(level => (IReadOnlyList<double>)[smallestAnchor << level])], [0.5, 1, 2]);
        head = new ProposalHead(channels, grid.PerPosition(0));
        sampler = new BalancedSampler(options.Anchors, 0.5);
        RegisterComponents();
    }

    /// <param name="Objectness">[N, A], of each anchor, the finest level first.</param>
    /// <param name="Deltas">[N, A, 4].</param>
    /// <param name="Anchors">A level each: [A_l, 4].</param>
    public sealed record Raw(Tensor Objectness, Tensor Deltas, IReadOnlyList<Tensor> Anchors);

    public Raw Forward(ImageSize image, IReadOnlyList<Tensor> levels)
    {
        using var scope = torch.NewDisposeScope();
        var (objectness, deltas) = (new List<Tensor>(), new List<Tensor>());
        foreach (var level in levels)
        {
            var (whether, where) = head.Forward(level);
            // [N, A, H, W] -> [N, H W A], [N, 4 A, H, W] -> [N, H W A, 4]: the anchors of a position side by side
            objectness.Add(whether.permute(0, 2, 3, 1).reshape(whether.shape[0], -1));
            deltas.Add(where.permute(0, 2, 3, 1).reshape(where.shape[0], -1, 4));
        }

        return new Raw(
            torch.cat(objectness, 1).MoveToOuterDisposeScope(), torch.cat(deltas, 1).MoveToOuterDisposeScope(),
            [.. grid.Levels(image.Height, image.Width, levels).Select(level => level.MoveToOuterDisposeScope())]);
    }

    /// <summary>The surest proposals of each image: [n, 4], without gradient.</summary>
    public IReadOnlyList<Tensor> Propose(Raw raw, IReadOnlyList<ImageSize> sizes)
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var (before, after) = training
            ? (options.BeforeTraining, options.AfterTraining)
            : (options.Before, options.After);
        return [.. sizes.Select((size, i) => Propose(raw, i, size, before, after).MoveToOuterDisposeScope())];
    }

    /// <summary>Objectness and boxes, learned from some anchors of each image.</summary>
    public IReadOnlyList<LossTerm> Losses(Raw raw, IBoxTargets targets, SampleKeys keys)
    {
        using var scope = torch.NewDisposeScope();
        var all = torch.cat([.. raw.Anchors]);
        var (whether, truth, moved, wanted) = (new List<Tensor>(), new List<Tensor>(), new List<Tensor>(), new List<Tensor>());
        for (var i = 0; i < targets.Count; i++)
        {
            var things = targets.Boxes[i];
            var matched = Matcher.Match(Boxes.Iou(things, all));
            var (foreground, background) = sampler.Draw(
                ManagedCopy.Of<long>(matched), (ulong)keys.Indices[i], (ulong)keys.View, 0);
            var sampled = Indices([.. foreground, .. background], all);
            whether.Add(raw.Objectness[i].index_select(0, sampled));
            truth.Add(torch.cat([
                torch.ones(foreground.Length, device: all.device), torch.zeros(background.Length, device: all.device)]));
            if (foreground.Length > 0)
            {
                var positive = Indices(foreground, all);
                moved.Add(raw.Deltas[i].index_select(0, positive));
                wanted.Add(Coder.Encode(
                    things.index_select(0, matched.index_select(0, positive)), all.index_select(0, positive)));
            }
        }

        var (logits, labels) = (torch.cat(whether), torch.cat(truth));
        var objectness = functional.binary_cross_entropy_with_logits(logits, labels);
        var boxes = moved.Count == 0
            ? raw.Deltas.sum() * 0
            : functional.smooth_l1_loss(torch.cat(moved), torch.cat(wanted), nn.Reduction.Sum, 1.0 / 9) / labels.shape[0];
        return
        [
            new("objectness", objectness.MoveToOuterDisposeScope()),
            new("rpn_box_reg", boxes.MoveToOuterDisposeScope()),
        ];
    }

    private Tensor Propose(Raw raw, int image, ImageSize size, int before, int after)
    {
        var (boxes, scores, levels) = (new List<Tensor>(), new List<Tensor>(), new List<Tensor>());
        var first = 0L;
        for (var level = 0; level < raw.Anchors.Count; level++)
        {
            var anchor = raw.Anchors[level];
            var objectness = raw.Objectness[image].narrow(0, first, anchor.shape[0]);
            var deltas = raw.Deltas[image].narrow(0, first, anchor.shape[0]);
            first += anchor.shape[0];
            var (best, index) = objectness.topk((int)Math.Min(before, anchor.shape[0]));
            boxes.Add(Boxes.Clip(
                Coder.Decode(deltas.index_select(0, index), anchor.index_select(0, index)).squeeze(1), size.Height, size.Width));
            scores.Add(best.sigmoid());
            levels.Add(torch.full(best.shape[0], level, torch.int64, best.device));
        }

        var (all, sure, from) = (torch.cat(boxes), torch.cat(scores), torch.cat(levels));
        var large = Boxes.LargeEnough(all, SmallestSide);
        (all, sure, from) = (all.index_select(0, large), sure.index_select(0, large), from.index_select(0, large));
        var kept = Nms.KeepByClass(all, sure, from, options.Overlap);
        return all.index_select(0, kept.narrow(0, 0, Math.Min(after, kept.shape[0])));
    }

    internal static Tensor Indices(long[] indices, Tensor like) =>
        torch.tensor(indices, dtype: torch.int64, device: like.device);
}
