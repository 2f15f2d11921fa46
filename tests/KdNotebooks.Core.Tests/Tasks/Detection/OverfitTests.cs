using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Models;
using KdNotebooks.Models.Detection;
using KdNotebooks.Native;
using KdNotebooks.Tasks;
using KdNotebooks.Tasks.Detection;

namespace KdNotebooks.Tests.Tasks.Detection;

/// <summary>A few scenes learned by heart: every part of a detector works with every other.</summary>
[Collection(TorchState.Name)]
public sealed class OverfitTests
{
    // RetinaNet has anchors of 16 on a stride of 8 for things of 12 to 42 pixels. With anchors of 8, as long as their stride,
    // most things overlap none by half: one may have no anchor to learn from, and eight scenes stay below 90.

    [Theory]
    [InlineData("RetinaNet", 300, 2e-3)]
    [InlineData("Mask R-CNN", 300, 3e-3)]
    [InlineData("Cascade R-CNN", 240, 3e-3)]
    public void Eight_scenes_are_learned_by_heart(string kind, int steps, double rate)
    {
        var masks = kind == "Mask R-CNN";
        var scenes = FashionThings.Make(new FashionScenesOptions(8, 8, 0, 64));
        var task = new DetectionTask(
            new Dataset("eight", scenes.Train, scenes.Train, null, scenes.Mean, scenes.Std), PaddedCrop.None,
            new DetectionSpec(Masks: masks));
        Seed.Set(1);
        IModelSpec spec = kind != "RetinaNet"
            ? new FasterRcnnSpec(
                18, 16, masks, Cascade: kind == "Cascade R-CNN", Channels: 32, SmallestAnchor: 8, HeadWidth: 64, MaskWidth: 16,
                Proposals: new ProposalOptions(200, 100, 200, 100), Regions: 64)
            : new RetinaNetSpec(18, 16, 32, SmallestAnchor: 16, HeadDepth: 1);
        using var model = spec.Build(3, scenes.ClassNames.Count);
        var network = Network.Of(model);
        using var optimizer = torch.optim.AdamW(model.parameters(), rate);
        for (var step = 1; step <= steps; step++)
        {
            using var scope = torch.NewDisposeScope();
            model.train();
            var batch = BatchLoader.InOrder(scenes.Train, 8, TestContext.Current.CancellationToken).First()
                .On(scenes.Mean, scenes.Std, torch.CPU, task.Stride);
            batch = batch with { Keys = new SampleKeys(batch.Keys.Indices, step) };
            var total = ((ITask)task).Loss(network.Forward(batch), batch.Targets).Select(term => term.Value)
                .Aggregate((sum, term) => sum + term);
            optimizer.zero_grad();
            total.backward();
            foreach (var group in optimizer.ParamGroups)
            {
                group.LearningRate = rate * (1 + Math.Cos(Math.PI * step / steps)) / 2;
            }

            optimizer.step();
        }

        var score = Evaluation.Scores(task, [network], "train", torch.CPU, TestContext.Current.CancellationToken)[0];

        Assert.True(score["box mAP"] > 90, $"box mAP {score["box mAP"]:F1}");
        if (masks)
        {
            // Of things of twenty pixels a row more or less is a tenth: pasted masks are judged by half.
            Assert.True(score["mask AP50"] > 80, $"mask AP50 {score["mask AP50"]:F1}");
        }
    }
}
