using KdNotebooks.Data;
using KdNotebooks.Losses;
using KdNotebooks.Ops;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Detection;

/// <summary>
/// The two-stage detector of Ren et al. 2015 (arXiv:1506.01497) on a feature pyramid (Lin et al. 2017, arXiv:1612.03144),
/// as an option with masks: Mask R-CNN. Names as in torchvision (<c>backbone.body, backbone.fpn, rpn, roi_heads</c>),
/// whose published weights it reads.
/// </summary>
/// <remarks>
/// Where to tap: <c>backbone.fpn.layer_blocks.0</c> to <c>.3</c> are the pyramid's P2 to P5; <c>roi_heads.box_roi_pool</c>
/// the regions that the second stage learns from, [R, C, 7, 7], and in a teacher its own features of the student's regions
/// (a cascade pools at each stage: <c>roi_heads.box_roi_pool[0]</c> is the student's first). In training it reads the
/// batch's boxes, for its second stage learns from proposals that were matched with them.
/// </remarks>
public sealed class FasterRcnn : Module, INetwork
{
    private readonly PyramidBackbone backbone;
    private readonly ProposalNetwork rpn;
    private readonly RegionHeads roi_heads;

    /// <exception cref="KdException">An option is out of its range.</exception>
    public FasterRcnn(FasterRcnnOptions options) : base(options.Masks ? "MaskRcnn" : nameof(FasterRcnn))
    {
        options.RequireSound();
        Options = options;
        backbone = new PyramidBackbone(options.Backbone, first: 1, TopLevels.Pool);
        rpn = new ProposalNetwork(
            options.Backbone.Channels, backbone.Levels, options.SmallestAnchor, options.Proposals ?? new());
        roi_heads = new RegionHeads(options);
        RegisterComponents();
        ChannelsLast.Apply(this);
    }

    public FasterRcnnOptions Options { get; }

    Module INetwork.Root => this;

    IReadOnlyList<string> INetwork.Stages => backbone.LevelPaths;

    IDerivedMap? INetwork.Derived(string path) => backbone.Derived(path);

    IOutputs INetwork.Forward(Batch batch) => Forward(batch);

    /// <summary>In training the losses, in evaluation what is found.</summary>
    /// <exception cref="KdException">In training: targets without boxes.</exception>
    public RegionDetections Forward(Batch batch)
    {
        using var scope = torch.NewDisposeScope();
        var levels = backbone.Forward(batch.Images);
        var raw = rpn.Forward(batch.Whole, levels);
        var proposals = rpn.Propose(raw, batch.Sizes);
        if (!training)
        {
            var found = Moved(roi_heads.Find(levels, proposals, batch));
            return new RegionDetections(null, found, Moved(proposals)) { Regions = proposals };
        }

        var targets = batch.Targets as IBoxTargets ?? throw new KdException(
            $"{GetName()}: the targets are {batch.Targets.GetType().Name}; expected boxes, which its second stage learns "
            + "from. Choose data with boxes.");
        var (learned, regions) = roi_heads.Learn(levels, proposals, batch, targets);
        IReadOnlyList<LossTerm> terms = [.. rpn.Losses(raw, targets, batch.Keys), .. learned];
        return new RegionDetections(
            [.. terms.Select(term => term with { Value = term.Value.MoveToOuterDisposeScope() })], null, Moved(proposals))
        {
            Regions = Moved(regions),
        };
    }

    /// <summary>What each part gives for regions of one's own; to look inside, and to compare with other programs.</summary>
    /// <param name="images">[N, C, H, W].</param>
    /// <param name="regions">An image each: [n, 4], left, top, right, bottom.</param>
    public RegionParts Parts(Tensor images, IReadOnlyList<Tensor> regions)
    {
        var size = new ImageSize((int)images.shape[2], (int)images.shape[3]);
        var levels = backbone.Forward(images);
        var raw = rpn.Forward(size, levels);
        var (pooled, logits, deltas) = roi_heads.Raw(levels, regions, size);
        var masks = Options.Masks ? roi_heads.RawMasks(levels, regions, size) : default;
        return new RegionParts(levels, raw.Objectness, raw.Deltas, pooled, logits, deltas, masks.Pooled, masks.Logits);
    }

    private static IReadOnlyList<FoundThings> Moved(IReadOnlyList<FoundThings> found) => [.. found.Select(things => things.Moved())];

    private static IReadOnlyList<Tensor> Moved(IReadOnlyList<Tensor> boxes) => [.. boxes.Select(box => box.MoveToOuterDisposeScope())];
}

/// <summary>The parts of a <see cref="FasterRcnn"/>'s pass.</summary>
/// <param name="Levels">[N, C, H_l, W_l], the finest first.</param>
/// <param name="Objectness">[N, A].</param>
/// <param name="Deltas">[N, A, 4], of the proposal network.</param>
/// <param name="Pooled">[R, C, 7, 7].</param>
/// <param name="Logits">[R, K + 1], background first.</param>
/// <param name="BoxDeltas">[R, 4 (K + 1)].</param>
/// <param name="PooledMasks">[R, C, 14, 14]; null without masks.</param>
/// <param name="MaskLogits">[R, K + 1, 28, 28]; null without masks.</param>
public sealed record RegionParts(
    IReadOnlyList<Tensor> Levels, Tensor Objectness, Tensor Deltas, Tensor Pooled, Tensor Logits, Tensor BoxDeltas,
    Tensor? PooledMasks, Tensor? MaskLogits);

/// <summary>The outputs of a <see cref="FasterRcnn"/>.</summary>
/// <param name="Proposals">An image each: [n, 4], what the second stage looked at; without gradient.</param>
public sealed record RegionDetections(
    IReadOnlyList<LossTerm>? Terms, IReadOnlyList<FoundThings>? Things, IReadOnlyList<Tensor> Proposals) : IDetections
{
    /// <summary>
    /// An image each: [n, 4], what its first box head looked at: in training a sample of proposals and true boxes, else the
    /// proposals.
    /// </summary>
    public IReadOnlyList<Tensor> Regions { get; init; } = Proposals;

    public IReadOnlyList<LossTerm> Losses(IBoxTargets targets) => Terms ?? throw new KdException(
        "Faster R-CNN: a pass in evaluation mode has no losses; ask after one in training mode.");

    public IReadOnlyList<FoundThings> Found => Things ?? throw new KdException(
        "Faster R-CNN: a pass in training mode finds nothing; ask after one in evaluation mode.");
}
