using KdNotebooks.Data;
using KdNotebooks.Losses;
using KdNotebooks.Ops;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Detection;

/// <summary>
/// The second stage: what each proposal is, where exactly, and which of its pixels. Girshick 2015 (arXiv:1504.08083),
/// He et al. 2017 (arXiv:1703.06870), and with three stages Cai and Vasconcelos 2018 (arXiv:1712.00726). Names as in
/// torchvision (<c>box_head, box_predictor, mask_head, mask_predictor</c>); a cascade's are lists of the same.
/// </summary>
internal sealed class RegionHeads : Module, IOldNames
{
    private const int BoxSide = RegionMaps.Side, MaskSide = 14;
    private const double Foreground = 0.25, SmallestSide = 1e-2;

    private readonly FasterRcnnOptions options;
    private readonly IReadOnlyList<CascadeStage> stages;
    private readonly RegionPool boxPool = new(BoxSide), maskPool = new(MaskSide);
    private readonly Sequential? mask_head;
    private readonly MaskPredictor? mask_predictor;
    private readonly BalancedSampler sampler;

    public RegionHeads(FasterRcnnOptions options) : base(nameof(RegionHeads))
    {
        this.options = options;
        var channels = options.Backbone.Channels;
        var (heads, predictors) = (new List<BoxHead>(), new List<BoxPredictor>());
        foreach (var _ in CascadeStage.Of(options))
        {
            heads.Add(new BoxHead(channels, BoxSide, options.HeadWidth));
            predictors.Add(new BoxPredictor(options.HeadWidth, options.Classes + 1, options.Cascade ? 1 : options.Classes + 1));
        }

        stages = [.. CascadeStage.Of(options).Select((stage, i) => stage with { Head = heads[i], Predictor = predictors[i] })];
        register_module(RegionMaps.Pool, boxPool);
        register_module("box_head", options.Cascade ? ModuleList([.. heads]) : heads[0]);
        register_module("box_predictor", options.Cascade ? ModuleList([.. predictors]) : predictors[0]);
        if (options.Masks)
        {
            mask_head = MaskPredictor.Head(channels, options.MaskWidth);
            mask_predictor = new MaskPredictor(options.MaskWidth, options.Classes + 1);
            register_module("mask_roi_pool", maskPool);
            register_module("mask_head", mask_head);
            register_module("mask_predictor", mask_predictor);
        }

        sampler = new BalancedSampler(options.Regions, Foreground);
    }

    // "mask_head.mask_fcn1.weight" in older files
    IEnumerable<(string Before, string Now)> IOldNames.OldNames => Enumerable.Range(0, (int)(mask_head?.Count ?? 0))
        .SelectMany(i => OldNames.Convolution($"mask_head.mask_fcn{i + 1}", $"mask_head.{i}.0"));

    /// <summary>The losses of every head, on a balanced part of the proposals.</summary>
    /// <param name="levels">Of the pyramid, the finest first.</param>
    /// <param name="proposals">An image each: [n, 4].</param>
    /// <returns>Beside them what the first stage learned from: an image each, [n, 4].</returns>
    public (IReadOnlyList<LossTerm> Terms, IReadOnlyList<Tensor> Regions) Learn(
        IReadOnlyList<Tensor> levels, IReadOnlyList<Tensor> proposals, Batch batch, IBoxTargets targets)
    {
        using var scope = torch.NewDisposeScope();
        var terms = new List<LossTerm>();
        IReadOnlyList<Tensor> regions = [];
        for (var i = 0; i < stages.Count; i++)
        {
            var stage = stages[i];
            var chosen = Assign(stage, i, proposals, batch.Keys, targets);
            regions = i == 0 ? chosen.Boxes : regions;
            var (logits, deltas) = Run(stage, levels, chosen.Boxes, batch);
            var (classes, boxes) = stage.Losses(logits, deltas, chosen);
            terms.Add(new(Name("classifier", i), (classes * stage.Weight).MoveToOuterDisposeScope()));
            terms.Add(new(Name("box_reg", i), (boxes * stage.Weight).MoveToOuterDisposeScope()));
            if (i == 0 && mask_head is not null)
            {
                terms.Add(new("mask", MaskLoss(levels, chosen, batch, targets).MoveToOuterDisposeScope()));
            }

            if (i + 1 < stages.Count)
            {
                proposals = WithoutThings(Refined(stage, deltas, chosen.Boxes, batch.Sizes), chosen.Proposed);
            }
        }

        return (terms, [.. regions.Select(boxes => boxes.MoveToOuterDisposeScope())]);
    }

    /// <summary>What is found among the proposals.</summary>
    public IReadOnlyList<FoundThings> Find(
        IReadOnlyList<Tensor> levels, IReadOnlyList<Tensor> proposals, Batch batch)
    {
        using var scope = torch.NewDisposeScope();
        var likely = new List<Tensor>();
        Tensor? deltas = null;
        for (var i = 0; i < stages.Count; i++)
        {
            if (deltas is not null)
            {
                proposals = Refined(stages[i - 1], deltas, proposals, batch.Sizes);
            }

            (var logits, deltas) = Run(stages[i], levels, proposals, batch);
            likely.Add(logits.softmax(1));
        }

        var scores = torch.stack(likely).mean([0]); // [R, K + 1]
        var first = 0L;
        var found = new List<FoundThings>();
        for (var i = 0; i < proposals.Count; i++)
        {
            var count = proposals[i].shape[0];
            found.Add(FindIn(
                proposals[i], scores.narrow(0, first, count), deltas!.narrow(0, first, count), batch.Sizes[i]));
            first += count;
        }

        return [.. WithMasks(levels, found, batch).Select(things => things.Moved())];
    }

    /// <summary>Class logits and box deltas of given regions, by the first stage.</summary>
    public (Tensor Pooled, Tensor Logits, Tensor Deltas) Raw(
        IReadOnlyList<Tensor> levels, IReadOnlyList<Tensor> regions, ImageSize image)
    {
        var pooled = boxPool.call(levels, regions, image);
        var (logits, deltas) = stages[0].Predictor.Forward(stages[0].Head.call(pooled));
        return (pooled, logits, deltas);
    }

    /// <summary>Pooled maps and mask logits of given regions.</summary>
    public (Tensor Pooled, Tensor Logits) RawMasks(
        IReadOnlyList<Tensor> levels, IReadOnlyList<Tensor> regions, ImageSize image)
    {
        var pooled = maskPool.call(levels, regions, image);
        return (pooled, mask_predictor!.call(mask_head!.call(pooled)));
    }

    private static string Name(string term, int stage) => stage == 0 ? term : $"{term} {stage + 1}";

    private (Tensor Logits, Tensor Deltas) Run(
        CascadeStage stage, IReadOnlyList<Tensor> levels, IReadOnlyList<Tensor> regions, Batch batch) =>
        stage.Predictor.Forward(stage.Head.call(boxPool.call(levels, regions, batch.Whole)));

    private static List<Tensor> Refined(
        CascadeStage stage, Tensor deltas, IReadOnlyList<Tensor> regions, IReadOnlyList<ImageSize> sizes)
    {
        var (refined, first) = (new List<Tensor>(), 0L);
        for (var i = 0; i < regions.Count; i++)
        {
            var own = deltas.narrow(0, first, regions[i].shape[0]).detach();
            first += regions[i].shape[0];
            refined.Add(Boxes.Clip(stage.Coder.Decode(own, regions[i]).squeeze(1), sizes[i].Height, sizes[i].Width));
        }

        return refined;
    }

    // Each stage adds the true boxes itself.
    private static List<Tensor> WithoutThings(List<Tensor> refined, IReadOnlyList<Tensor> proposed) =>
        [.. refined.Zip(proposed, (boxes, index) => boxes.index_select(0, index))];

    // The true boxes are proposals, too, so that every stage has foreground from the first step on.
    private RegionTargets Assign(
        CascadeStage stage, int number, IReadOnlyList<Tensor> proposals, SampleKeys keys, IBoxTargets targets)
    {
        var (boxes, labels, wanted, things) = (new List<Tensor>(), new List<Tensor>(), new List<Tensor>(), new List<Tensor>());
        var proposed = new List<Tensor>();
        for (var i = 0; i < proposals.Count; i++)
        {
            var truth = targets.Boxes[i];
            var all = torch.cat([proposals[i], truth]);
            var matched = stage.Matcher.Match(Boxes.Iou(truth, all));
            var (foreground, background) = sampler.Draw(
                ManagedCopy.Of<long>(matched), (ulong)keys.Indices[i], (ulong)keys.View, (ulong)number + 1);
            var sampled = ProposalNetwork.Indices([.. foreground, .. background], all);
            var region = all.index_select(0, sampled);
            var thing = matched.index_select(0, sampled).clamp_min(0);
            boxes.Add(region);
            things.Add(thing);
            proposed.Add(sampled.lt(proposals[i].shape[0]).nonzero().flatten());
            if (truth.shape[0] == 0)
            {
                labels.Add(torch.zeros(sampled.shape[0], dtype: torch.int64, device: all.device));
                wanted.Add(torch.zeros([sampled.shape[0], 4], device: all.device));
                continue;
            }

            var isBackground = matched.index_select(0, sampled).lt(0);
            labels.Add((targets.Classes[i].index_select(0, thing) + 1).masked_fill(isBackground, 0));
            wanted.Add(stage.Coder.Encode(truth.index_select(0, thing), region));
        }

        return new RegionTargets(boxes, torch.cat(labels), torch.cat(wanted), things, proposed);
    }

    private Tensor MaskLoss(IReadOnlyList<Tensor> levels, RegionTargets chosen, Batch batch, IBoxTargets targets)
    {
        var masks = targets.Masks ?? throw new Runtime.KdException(
            "Mask R-CNN: the targets have no masks; expected one for each box. Choose data with masks, or a detector without.");
        var (regions, truth, first) = (new List<Tensor>(), new List<Tensor>(), 0L);
        for (var i = 0; i < chosen.Boxes.Count; i++)
        {
            var count = chosen.Boxes[i].shape[0];
            var positive = chosen.Labels.narrow(0, first, count).gt(0).nonzero().flatten();
            first += count;
            regions.Add(chosen.Boxes[i].index_select(0, positive));
            if (positive.shape[0] > 0)
            {
                truth.Add(MaskTargets.Crop(
                    masks[i], regions[^1], chosen.Things[i].index_select(0, positive), 2 * MaskSide));
            }
        }

        var labels = chosen.Labels.masked_select(chosen.Labels.gt(0));
        if (labels.shape[0] == 0)
        {
            return mask_predictor!.parameters().Aggregate(torch.zeros([], device: labels.device), (sum, part) => sum + (part.sum() * 0));
        }

        var (_, logits) = RawMasks(levels, regions, batch.Whole);
        return functional.binary_cross_entropy_with_logits(OfClass(logits, labels), torch.cat(truth));
    }

    // [R, K + 1, S, S], [R] -> [R, S, S]: of each region its own class's mask
    private static Tensor OfClass(Tensor masks, Tensor classes) => masks[
        torch.TensorIndex.Tensor(torch.arange(classes.shape[0], device: classes.device)), torch.TensorIndex.Tensor(classes)];

    private FoundThings FindIn(Tensor regions, Tensor scores, Tensor deltas, ImageSize size)
    {
        var limits = options.Limits ?? new();
        var (count, classes) = (regions.shape[0], options.Classes);
        var boxes = Boxes.Clip(stages[^1].Coder.Decode(deltas, regions), size.Height, size.Width); // [n, B, 4]
        boxes = (options.Cascade ? boxes.expand(count, classes, 4) : boxes.narrow(1, 1, classes)).reshape(-1, 4);
        var likely = scores.narrow(1, 1, classes).reshape(-1);
        var which = torch.arange(classes, device: scores.device).repeat(count);
        var kept = likely.gt(limits.Score).nonzero().flatten();
        (boxes, likely, which) = (boxes.index_select(0, kept), likely.index_select(0, kept), which.index_select(0, kept));
        var large = Boxes.LargeEnough(boxes, SmallestSide);
        (boxes, likely, which) = (boxes.index_select(0, large), likely.index_select(0, large), which.index_select(0, large));
        kept = Nms.KeepByClass(boxes, likely, which, limits.Overlap);
        kept = kept.narrow(0, 0, Math.Min(limits.Things, kept.shape[0]));
        return new FoundThings(boxes.index_select(0, kept), likely.index_select(0, kept), which.index_select(0, kept));
    }

    private IReadOnlyList<FoundThings> WithMasks(
        IReadOnlyList<Tensor> levels, IReadOnlyList<FoundThings> found, Batch batch)
    {
        if (mask_head is null)
        {
            return found;
        }

        var (_, logits) = RawMasks(levels, [.. found.Select(things => things.Boxes)], batch.Whole);
        var classes = torch.cat([.. found.Select(things => things.Classes)]) + 1;
        var own = OfClass(logits, classes).sigmoid().unsqueeze(1); // [R, 1, S, S]
        var (masked, first) = (new List<FoundThings>(), 0L);
        foreach (var things in found)
        {
            masked.Add(things with { Masks = own.narrow(0, first, things.Boxes.shape[0]) });
            first += things.Boxes.shape[0];
        }

        return masked;
    }
}
