using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Models;
using KdNotebooks.Models.Detection;
using KdNotebooks.Native;
using KdNotebooks.Tasks;
using KdNotebooks.Tasks.Detection;

namespace KdNotebooks.Tests.Tasks.Detection;

/// <summary>A few scenes learned by heart: every part of a detector works with every other.</summary>
public sealed class OverfitTests
{
    private const double Rate = 2e-3;

    [Theory]
    [InlineData(false, 300)]
    [InlineData(true, 150)]
    public void Scenes_are_learned_by_heart(bool twoStages, int steps)
    {
        var scenes = FashionThings.Make(new FashionScenesOptions(4, 4, 0, 64));
        var task = new DetectionTask(
            new Dataset("four", scenes.Train, scenes.Train, null, scenes.Mean, scenes.Std), PaddedCrop.None,
            new DetectionSpec(Masks: twoStages));
        Seed.Set(1);
        IModelSpec spec = twoStages
            ? new FasterRcnnSpec(
                18, 16, Masks: true, Channels: 32, SmallestAnchor: 8, HeadWidth: 64, MaskWidth: 16,
                Proposals: new ProposalOptions(200, 100, 200, 100), Regions: 64)
            : new RetinaNetSpec(18, 16, 32, 8, 1);
        using var model = spec.Build(3, scenes.ClassNames.Count);
        var network = Network.Of(model);
        using var optimizer = torch.optim.AdamW(model.parameters(), Rate);
        for (var step = 1; step <= steps; step++)
        {
            using var scope = torch.NewDisposeScope();
            model.train();
            var batch = BatchLoader.InOrder(scenes.Train, 4, TestContext.Current.CancellationToken).First()
                .On(scenes.Mean, scenes.Std, torch.CPU, task.Stride);
            batch = batch with { Keys = new SampleKeys(batch.Keys.Indices, step) };
            var total = ((ITask)task).Loss(network.Forward(batch), batch.Targets).Select(term => term.Value)
                .Aggregate((sum, term) => sum + term);
            optimizer.zero_grad();
            total.backward();
            foreach (var group in optimizer.ParamGroups)
            {
                group.LearningRate = Rate * (1 + Math.Cos(Math.PI * step / steps)) / 2;
            }

            optimizer.step();
        }

        var score = Evaluation.Scores(task, [network], "train", torch.CPU, TestContext.Current.CancellationToken)[0];

        Assert.True(score["box mAP"] > 90, $"box mAP {score["box mAP"]:F1}");
        if (twoStages)
        {
            // Of things of twenty pixels a row more or less is a tenth: pasted masks are judged by half.
            Assert.True(score["mask AP50"] > 80, $"mask AP50 {score["mask AP50"]:F1}");
        }
    }
}
