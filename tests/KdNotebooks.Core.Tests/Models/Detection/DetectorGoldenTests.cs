using KdNotebooks.Data;
using KdNotebooks.Masks;
using KdNotebooks.Models.Detection;
using KdNotebooks.Tasks.Detection;

namespace KdNotebooks.Tests.Models.Detection;

/// <summary>Torchvision's numbers under formula-made weights.</summary>
public sealed class DetectorGoldenTests
{
    private const string Retina = "retinanet_resnet50_fpn", Mask = "maskrcnn_resnet50_fpn";

    [Fact]
    public void RetinaNet_has_torchvisions_names_and_numbers()
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        using var model = TorchvisionGolden.Fill(new RetinaNetSpec().Build(3, 6));
        TorchvisionGolden.CheckNames(Retina, model);
        model.eval();

        var outputs = model.Forward(Batch.Of(TorchvisionGolden.Image(Retina)));

        TorchvisionGolden.Check(Retina, "head.cls_logits", outputs.Logits);
        TorchvisionGolden.Check(Retina, "head.bbox_regression", outputs.Deltas);
        TorchvisionGolden.Check(Retina, "anchors", torch.cat([.. outputs.Anchors]));
        var levels = model.Levels(TorchvisionGolden.Image(Retina));
        foreach (var (name, level) in new[] { "fpn.0", "fpn.1", "fpn.2", "fpn.p6", "fpn.p7" }.Zip(levels))
        {
            TorchvisionGolden.Check(Retina, name, level);
        }
    }

    [Fact]
    public void RetinaNets_losses_are_torchvisions()
    {
        using var scope = torch.NewDisposeScope();
        using var model = TorchvisionGolden.Fill(new RetinaNetSpec().Build(3, 6));
        model.eval(); // the file's normalizations use their running statistics
        var things = new Things(
            [
                new(1, ImageBox.OfCorners(10, 12, 60, 80)), new(4, ImageBox.OfCorners(70, 40, 150, 120)),
                new(2, ImageBox.OfCorners(5, 90, 30, 118)),
            ], new ImageSize(128, 160));
        var targets = ThingBatch.Of([things], new ImageSize(128, 160), torch.CPU);

        var terms = model.Forward(Batch.Of(TorchvisionGolden.Image(Retina))).Losses(targets);

        Assert.Equal(["classification", "bbox_regression"], terms.Select(term => term.Name));
        Assert.Equal(38.55742263793945, terms[0].Value.ToDouble(), 38.6e-4);
        Assert.Equal(0.7460673451423645, terms[1].Value.ToDouble(), 0.75e-4);
    }

    [Fact]
    public void Mask_rcnn_has_torchvisions_names_and_numbers()
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        using var model = TorchvisionGolden.Fill(new FasterRcnnSpec(Masks: true).Build(3, 5));
        TorchvisionGolden.CheckNames(Mask, model);
        model.eval();
        var proposals = torch.tensor(
            new[] { 4f, 6, 60, 50, 10, 20, 150, 120, 70.5f, 30.25f, 100, 90, 0, 0, 20, 12 }, [4, 4]);

        var parts = model.Parts(TorchvisionGolden.Image(Mask), [proposals]);

        foreach (var (name, level) in new[] { "fpn.0", "fpn.1", "fpn.2", "fpn.3", "fpn.pool" }.Zip(parts.Levels))
        {
            TorchvisionGolden.Check(Mask, name, level);
        }

        var first = 0L;
        for (var i = 0; i < 5; i++)
        {
            var (height, width) = (parts.Levels[i].shape[2], parts.Levels[i].shape[3]);
            var count = height * width * 3;
            TorchvisionGolden.Check(
                Mask, $"rpn.objectness.{i}",
                parts.Objectness.narrow(1, first, count).view(1, height, width, 3).permute(0, 3, 1, 2));
            TorchvisionGolden.Check(
                Mask, $"rpn.deltas.{i}",
                parts.Deltas.narrow(1, first, count).reshape(1, height, width, 12).permute(0, 3, 1, 2));
            first += count;
        }

        TorchvisionGolden.Check(Mask, "roi.box.pooled", parts.Pooled);
        TorchvisionGolden.Check(Mask, "roi.box.class_logits", parts.Logits);
        TorchvisionGolden.Check(Mask, "roi.box.deltas", parts.BoxDeltas);
        TorchvisionGolden.Check(Mask, "roi.mask.pooled", parts.PooledMasks!);
        TorchvisionGolden.Check(Mask, "roi.mask.logits", parts.MaskLogits!);
    }
}
