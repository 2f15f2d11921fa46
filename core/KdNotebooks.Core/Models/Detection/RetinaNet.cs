using KdNotebooks.Data;
using KdNotebooks.Losses;
using KdNotebooks.Ops;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Detection;

/// <summary>
/// The one-stage detector of Lin et al. 2017 (arXiv:1708.02002): at every position of five pyramid levels nine anchors,
/// each with a class and a box. Names as in torchvision (<c>backbone.body, backbone.fpn, head</c>), whose published
/// weights it reads.
/// </summary>
/// <remarks>
/// Where to tap: <c>backbone.fpn.layer_blocks.0</c> to <c>.2</c> are the pyramid's P3 to P5, <c>backbone.fpn.extra_blocks.p6</c>
/// and <c>p7</c> those above; <c>head.classification_head[0]</c> are the finest level's class logits [N, A, K].
/// To a student of two stages it teaches its pyramid at the student's proposals, too: <c>roi_heads.box_roi_pool</c>.
/// </remarks>
public sealed class RetinaNet : Module, INetwork
{
    private static readonly BoxMatcher Matcher = new(0.5, 0.4, everyThing: true);
    private static readonly BoxCoder Coder = new(1, 1, 1, 1);

    private readonly PyramidBackbone backbone;
    private readonly RetinaHead head;
    private readonly Anchors grid;

    /// <exception cref="KdException">An option is out of its range.</exception>
    public RetinaNet(RetinaNetOptions options) : base(nameof(RetinaNet))
    {
        options.RequireSound();
        Options = options;
        backbone = new PyramidBackbone(options.Backbone, first: 2, TopLevels.P6P7);
        grid = new Anchors(
            [.. Enumerable.Range(0, backbone.Levels).Select(level => Sizes(options.SmallestAnchor << level))],
            [0.5, 1, 2]);
        head = new RetinaHead(options.Backbone.Channels, options.HeadDepth, grid.PerPosition(0), options.Classes);
        RegisterComponents();
        ChannelsLast.Apply(this);
    }

    public RetinaNetOptions Options { get; }

    Module INetwork.Root => this;

    IReadOnlyList<string> INetwork.Stages => backbone.LevelPaths;

    IDerivedMap? INetwork.Derived(string path) => backbone.Derived(path);

    IOutputs INetwork.Forward(Batch batch) => Forward(batch);

    /// <summary>What every anchor gives.</summary>
    public DenseDetections Forward(Batch batch)
    {
        using var scope = torch.NewDisposeScope();
        var levels = backbone.Forward(batch.Images);
        var (logits, deltas) = head.Forward(levels);
        var boxes = grid.Levels(batch.Whole.Height, batch.Whole.Width, levels);
        return new DenseDetections(
            this, logits.MoveToOuterDisposeScope(), deltas.MoveToOuterDisposeScope(),
            [.. boxes.Select(level => level.MoveToOuterDisposeScope())], batch.Sizes);
    }

    /// <summary>The pyramid's levels, the finest first; the caller's dispose scope owns them.</summary>
    /// <param name="images">[N, C, H, W].</param>
    public IReadOnlyList<Tensor> Levels(Tensor images) => backbone.Forward(images);

    private static IReadOnlyList<double> Sizes(int side) =>
        [.. Enumerable.Range(0, 3).Select(third => (double)(int)(side * Math.Pow(2, third / 3.0)))];

    /// <summary>The outputs of a <see cref="RetinaNet"/>.</summary>
    /// <param name="Logits">[N, A, K], of each anchor and class.</param>
    /// <param name="Deltas">[N, A, 4], from the anchor to the box.</param>
    /// <param name="Anchors">A level each, the finest first: [A_l, 4].</param>
    /// <param name="Sizes">[N], each image's own.</param>
    public sealed record DenseDetections(
        RetinaNet Network, Tensor Logits, Tensor Deltas, IReadOnlyList<Tensor> Anchors, IReadOnlyList<ImageSize> Sizes)
        : IDetections
    {
        public IReadOnlyList<LossTerm> Losses(IBoxTargets targets)
        {
            using var scope = torch.NewDisposeScope();
            var all = torch.cat([.. Anchors]);
            var (classes, boxes) = (new List<Tensor>(), new List<Tensor>());
            for (var i = 0; i < Sizes.Count; i++)
            {
                var things = targets.Boxes[i];
                var matched = Matcher.Match(Boxes.Iou(things, all));
                var foreground = matched.ge(0).nonzero().flatten();
                var chosen = matched.index_select(0, foreground);
                var divisor = Math.Max(1, foreground.shape[0]);
                var truth = torch.zeros_like(Logits[i]);
                if (foreground.shape[0] > 0)
                {
                    truth.index_put_(
                        torch.ones(1, dtype: Logits.dtype, device: Logits.device), foreground,
                        targets.Classes[i].index_select(0, chosen));
                }

                var counted = matched.ne(BoxMatcher.Neither).nonzero().flatten();
                classes.Add(FocalLoss.Sigmoid(
                    Logits[i].index_select(0, counted), truth.index_select(0, counted)) / divisor);
                var wanted = Coder.Encode(things.index_select(0, chosen), all.index_select(0, foreground));
                boxes.Add((Deltas[i].index_select(0, foreground) - wanted).abs().sum() / divisor);
            }

            return
            [
                new("classification", torch.stack(classes).mean().MoveToOuterDisposeScope()),
                new("bbox_regression", torch.stack(boxes).mean().MoveToOuterDisposeScope()),
            ];
        }

        public IReadOnlyList<FoundThings> Found
        {
            get
            {
                using var scope = torch.NewDisposeScope();
                var limits = Network.Options.Limits ?? new();
                return [.. Sizes.Select((size, i) => FoundIn(i, size, limits).Moved())];
            }
        }

        private FoundThings FoundIn(int image, ImageSize size, DetectionLimits limits)
        {
            var (boxes, scores, classes) = (new List<Tensor>(), new List<Tensor>(), new List<Tensor>());
            var first = 0L;
            foreach (var level in Anchors)
            {
                var likely = Logits[image].narrow(0, first, level.shape[0]).sigmoid().flatten(); // [A_l K]
                var deltas = Deltas[image].narrow(0, first, level.shape[0]);
                first += level.shape[0];
                var above = likely.gt(limits.Score).nonzero().flatten();
                var (best, order) = likely.index_select(0, above).topk((int)Math.Min(limits.Candidates, above.shape[0]));
                var index = above.index_select(0, order);
                var anchor = index.floor_divide(Network.Options.Classes);
                boxes.Add(Boxes.Clip(
                    Coder.Decode(deltas.index_select(0, anchor), level.index_select(0, anchor)).squeeze(1), size.Height, size.Width));
                scores.Add(best);
                classes.Add(index.remainder(Network.Options.Classes));
            }

            var (all, sure, which) = (torch.cat(boxes), torch.cat(scores), torch.cat(classes));
            var kept = Nms.KeepByClass(all, sure, which, limits.Overlap);
            kept = kept.narrow(0, 0, Math.Min(limits.Things, kept.shape[0]));
            return new FoundThings(
                all.index_select(0, kept), sure.index_select(0, kept), which.index_select(0, kept));
        }
    }
}
