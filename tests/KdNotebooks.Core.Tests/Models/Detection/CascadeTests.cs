using KdNotebooks.Data;
using KdNotebooks.Masks;
using KdNotebooks.Models.Detection;
using KdNotebooks.Native;
using KdNotebooks.Ops;
using KdNotebooks.Tasks.Detection;

namespace KdNotebooks.Tests.Models.Detection;

/// <summary>Three box heads that refine one another's boxes.</summary>
[Collection(TorchState.Name)]
public sealed class CascadeTests : IDisposable
{
    private const int Side = 64;

    private static readonly FasterRcnnSpec Spec = new(
        18, 4, Cascade: true, Channels: 8, SmallestAnchor: 8, HeadWidth: 12, MaskWidth: 8,
        Proposals: new ProposalOptions(60, 20, 60, 20, Anchors: 32), Regions: 24, Limits: new DetectionLimits(0, 1));

    private static readonly ImageSize Image = new(Side, Side);

    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Each_stage_asks_for_more_overlap_and_counts_smaller_shifts()
    {
        var stages = CascadeStage.Of(Options(cascade: true));
        var thing = Box(0, 0, 10, 10);
        Tensor Wide(float width) => Box(0, 0, 10, width); // overlaps by 10 / width

        Assert.Equal([1, 0.5, 0.25], stages.Select(stage => stage.Weight));
        Assert.Equal(
            [[true, true, true], [true, true, false], [true, false, false], [false, false, false]],
            new[] { 13f, 15f, 18f, 21f }.Select(width => stages.Select(stage => stage.Matcher
                .Match(Boxes.Iou(thing, Wide(width))).item<long>() == 0).ToArray()).ToArray());
        var shifts = stages.Select(stage => stage.Coder.Encode(Box(1, 2, 11, 12), thing)).ToList();
        TensorAssert.Near(torch.tensor([1f, 2, 0, 0]).unsqueeze(0), shifts[0], 1e-5);
        TensorAssert.Near(shifts[0] * 2, shifts[1], 1e-5);
        TensorAssert.Near(shifts[0] * 3, shifts[2], 1e-5);
        Assert.Single(CascadeStage.Of(Options(cascade: false)));
    }

    [Fact]
    public void Small_errors_of_boxes_count_as_squares()
    {
        var chosen = new RegionTargets(
            [], torch.tensor([2L, 0, 1]), torch.tensor(new float[,] { { 0.5f, 0, 0, 0 }, { 9, 9, 9, 9 }, { 0, 3, 0, 0 } }), [], []);
        var deltas = torch.zeros(3, 4); // one box for all classes

        var (_, boxes) = CascadeStage.Of(Options(cascade: true))[1].Losses(torch.zeros(3, 4), deltas, chosen);

        Assert.Equal(((0.5 * 0.5 * 0.5) + (3 - 0.5)) / 3, boxes.ToDouble(), 1e-6); // background counts in the number alone
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_stage_has_its_losses_and_its_gradient(bool masks)
    {
        Seed.Set(1);
        using var model = (Spec with { Masks = masks }).Build(3, 5);

        var terms = model.Forward(TwoImages(masks)).Losses(null!);
        terms.Select(term => term.Value).Aggregate((sum, term) => sum + term).backward();

        Assert.Equal(
            [
                "objectness", "rpn_box_reg", "classifier", "box_reg", .. masks ? new[] { "mask" } : [], "classifier 2",
                "box_reg 2", "classifier 3", "box_reg 3",
            ],
            terms.Select(term => term.Name));
        Assert.All(terms, term => Assert.True(term.Value.ToDouble() > 0, term.Name)); // foreground at every stage
        var parameters = model.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
        for (var stage = 0; stage < 3; stage++)
        {
            Assert.Equal([4, 12], parameters[$"roi_heads.box_predictor.{stage}.bbox_pred.weight"].shape); // of no class
            foreach (var name in new[] { "box_head.{0}.fc6", "box_head.{0}.fc7", "box_predictor.{0}.cls_score", "box_predictor.{0}.bbox_pred" })
            {
                var weight = parameters[$"roi_heads.{string.Format(null, name, stage)}.weight"];
                Assert.True(weight.grad is { } grad && grad.abs().sum().ToDouble() > 0, $"{name} {stage}");
            }
        }
    }

    [Fact]
    public void A_class_is_as_likely_as_the_stages_say_on_average_and_a_box_moves_with_each()
    {
        using var noGrad = torch.no_grad();
        Seed.Set(2);
        using var model = Spec.Build(3, 2);
        float[][] logits = [[0, 1, 2], [1, 1, 0], [-1, 3, 0]];
        for (var stage = 0; stage < 3; stage++)
        {
            var predictor = model.named_parameters().Where(entry => entry.name.StartsWith(
                $"roi_heads.box_predictor.{stage}.", StringComparison.Ordinal)).ToDictionary(
                    entry => entry.name.Split('.', 4)[3], entry => entry.parameter);
            predictor.Values.ToList().ForEach(parameter => parameter.zero_());
            predictor["cls_score.bias"].copy_(torch.tensor(logits[stage]));
            predictor["bbox_pred.bias"].copy_(torch.tensor([0f, 0, -1, -1])); // smaller: by e^-1/5, e^-1/10, e^-1/15
        }

        model.eval();
        var batch = Batch.Of(torch.randn(1, 3, Side, Side));

        var output = model.Forward(batch);

        var expected = torch.stack([.. logits.Select(each => torch.tensor(each).softmax(0))]).mean([0]);
        var found = output.Found[0];
        Assert.Equal(2 * output.Proposals[0].shape[0], found.Boxes.shape[0]);
        TensorAssert.Near(expected[1].expand(found.Scores.shape[0] / 2), found.Scores[found.Classes.eq(0)], 1e-6);
        TensorAssert.Near(expected[2].expand(found.Scores.shape[0] / 2), found.Scores[found.Classes.eq(1)], 1e-6);
        var shrunk = Math.Exp(-(1.0 / 5) - (1.0 / 10) - (1.0 / 15));
        TensorAssert.Near(
            Sides(output.Proposals[0]).sum([0]) * shrunk, Sides(found.Boxes[found.Classes.eq(0)]).sum([0]), 1e-2);

        static Tensor Sides(Tensor boxes) => boxes.slice(1, 2, 4, 1) - boxes.slice(1, 0, 2, 1);
    }

    [Fact]
    public void It_has_masks_and_images_without_a_thing()
    {
        Seed.Set(3);
        using var model = (Spec with { Masks = true }).Build(3, 4);
        var empty = TwoImages(masks: true) with
        {
            Targets = ThingBatch.Of([new([], Image), new([], Image)], Image, torch.CPU),
        };

        var terms = model.Forward(empty).Losses(null!);
        model.eval();
        var found = model.Forward(empty).Found;

        Assert.All(terms, term => Assert.True(double.IsFinite(term.Value.ToDouble()), term.Name));
        Assert.All(found, things => Assert.Equal([things.Boxes.shape[0], 1, 28, 28], things.Masks!.shape));
    }

    private static FasterRcnnOptions Options(bool cascade) =>
        new(new PyramidOptions(new KdNotebooks.Models.DeepResNetOptions()), 3, Cascade: cascade);

    private static Tensor Box(float left, float top, float right, float bottom) =>
        torch.tensor([left, top, right, bottom]).unsqueeze(0);

    private static Batch TwoImages(bool masks)
    {
        var things = new Things(
            [Garment(1, ImageBox.OfCorners(6, 8, 30, 40)), Garment(3, ImageBox.OfCorners(30, 20, 60, 50))], Image);
        return Batch.Of(torch.randn(2, 3, Side, Side)) with
        {
            Targets = ThingBatch.Of([things, things], Image, torch.CPU),
        };

        Thing Garment(int label, ImageBox box) => new(label, box, masks ? RunLength.OfBitmap(Bits(box), Side, Side) : null);
    }

    private static byte[] Bits(ImageBox box) => [.. Enumerable.Range(0, Side * Side).Select(i => (byte)(
        i % Side >= box.Left && i % Side < box.Left + box.Width && i / Side >= box.Top && i / Side < box.Top + box.Height ? 1 : 0))];
}
