using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Masks;
using KdNotebooks.Models;
using KdNotebooks.Models.Detection;
using KdNotebooks.Native;
using KdNotebooks.Tasks;
using KdNotebooks.Tasks.Detection;

namespace KdNotebooks.Tests.Tasks.Detection;

[Collection(TorchState.Name)]
public sealed class DetectionTaskTests
{
    private static readonly DetectionLimits All = new(Score: 0, Things: 20);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Images_of_several_sizes_in_one_batch_are_judged_as_each_alone(bool twoStages)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var samples = new[] { Sample(40, 56, 1), Sample(64, 48, 2), Sample(40, 56, 3) };
        var task = Task(samples);
        Seed.Set(3);
        IModelSpec spec = twoStages
            ? new FasterRcnnSpec(18, 4, true, false, 8, 8, 16, 8, Limits: All)
            : new RetinaNetSpec(18, 4, 8, 8, 1, Limits: All);
        using var model = spec.Build(3, 2);
        model.eval();
        var network = Network.Of(model);

        var together = Predict(task, network, samples);
        var alone = samples.Select(sample => Predict(task, network, [sample])[0]).ToList();

        for (var i = 0; i < samples.Length; i++)
        {
            Assert.NotEmpty(alone[i].Found);
            Assert.Equal(alone[i].Found.Count, together[i].Found.Count);
            foreach (var (one, other) in alone[i].Found.Zip(together[i].Found))
            {
                Assert.Equal(one.Class, other.Class);
                Assert.Equal(one.Score, other.Score, 1e-5);
                Assert.Equal(one.Box.Left, other.Box.Left, 1e-3);
                Assert.Equal(one.Box.Bottom, other.Box.Bottom, 1e-3);
            }
        }
    }

    [Fact]
    public void The_truth_is_worth_100_and_nothing_found_is_worth_0()
    {
        var data = FashionThings.Make(new FashionScenesOptions(4, 2, 0, 64));
        ITask task = new DetectionTask(data, PaddedCrop.None, new DetectionSpec(Masks: true));
        using var scope = torch.NewDisposeScope();
        var batch = BatchLoader.InOrder(data.Train, 4, TestContext.Current.CancellationToken).First().On(data.Mean, data.Std, torch.CPU);
        var (right, wrong) = (task.NewMeter(), task.NewMeter());

        right.Add(new Told([.. ((ThingBatch)batch.Targets).Truth.Select(Truth)]), batch);
        wrong.Add(new Told([.. batch.Sizes.Select(_ => Truth(new Things([], batch.Sizes[0])))]), batch);

        Assert.Equal("mask mAP", right.Result().Headline.Name);
        // A mask comes back from its box as torchvision pastes it: of small things a pixel's row more or less.
        Assert.InRange(right.Result()["mask mAP"], 70, 100);
        Assert.Equal(100, right.Result()["mask AP50"], 1e-9);
        Assert.Equal(100, right.Result()["box mAP"], 1e-9);
        Assert.Equal(0, wrong.Result()["box mAP"], 1e-9);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_batch_without_any_thing_is_learned_from(bool twoStages)
    {
        using var scope = torch.NewDisposeScope();
        Seed.Set(1);
        IModelSpec spec = twoStages
            ? new FasterRcnnSpec(18, 4, true, false, 8, 8, 16, 8)
            : new RetinaNetSpec(18, 4, 8, 8, 1);
        using var model = spec.Build(3, 2);
        model.train();
        var empty = ThingBatch.Of([new Things([], new(64, 64)), new Things([], new(64, 64))], new(64, 64), torch.CPU);
        empty = empty with { Masks = [torch.zeros([0, 64, 64], torch.uint8), torch.zeros([0, 64, 64], torch.uint8)] };
        var batch = Batch.Of(torch.randn(2, 3, 64, 64)) with { Targets = empty };

        var terms = ((IDetections)Network.Of(model).Forward(batch)).Losses(empty);
        terms.Select(term => term.Value).Aggregate((a, b) => a + b).backward();

        Assert.All(terms, term => Assert.True(double.IsFinite(term.Value.ToDouble()), term.Name));
        Assert.All(model.parameters(), parameter =>
            Assert.True(parameter.grad is not { } grad || grad.isfinite().all().ToBoolean()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_tensor_outlives_a_step_however_many_boxes_there_are(bool twoStages)
    {
        Seed.Set(1);
        IModelSpec spec = twoStages
            ? new FasterRcnnSpec(18, 4, true, false, 8, 8, 16, 8)
            : new RetinaNetSpec(18, 4, 8, 8, 1);
        using var model = spec.Build(3, 2);
        var counts = new List<long>();
        for (var step = 0; step < 100; step++) // tests/Benchmarks, detector-memory: 2,000, and resident memory
        {
            using (var scope = torch.NewDisposeScope())
            {
                model.train();
                var things = Enumerable.Range(0, 7 * step % 5).Select(i => Square(i % 2, 4 * i, 3 * i, 20)).ToList();
                var targets = ThingBatch.Of([new Things(things, new(64, 64)), new Things([Square(0, 8, 8, 30)], new(64, 64))], new(64, 64), torch.CPU);
                var batch = Batch.Of(torch.randn(2, 3, 64, 64)) with { Targets = targets };
                ((IDetections)Network.Of(model).Forward(batch)).Losses(targets)
                    .Select(term => term.Value).Aggregate((a, b) => a + b).backward();
                if (step % 10 < 3)
                {
                    model.eval();
                    using var noGrad = torch.no_grad();
                    _ = ((IDetections)Network.Of(model).Forward(batch)).Found;
                }
            }

            counts.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        Assert.Equal(counts[2], counts[^1]);
    }

    private static Thing Square(int @class, int left, int top, int side)
    {
        var box = ImageBox.OfCorners(left, top, left + side, top + side);
        return new Thing(@class, box, RunLength.OfBox(box, 64, 64));
    }

    private static FoundThings Truth(Things things)
    {
        var boxes = things.All.SelectMany(thing => new[] { thing.Box.Left, thing.Box.Top, thing.Box.Right, thing.Box.Bottom })
            .Select(edge => (float)edge).ToArray();
        var masks = things.All.Select(thing => Cropped(thing)).ToList();
        return new FoundThings(
            torch.tensor(boxes, [things.All.Count, 4]), torch.ones(things.All.Count),
            torch.tensor(things.All.Select(thing => (long)thing.Class).ToArray(), dtype: torch.int64),
            masks.Count == 0 ? torch.zeros([0, 1, 28, 28]) : torch.stack(masks));
    }

    private static Tensor Cropped(Thing thing)
    {
        var mask = torch.tensor(thing.Mask!.ToBitmap(), [1, thing.Mask.Height, thing.Mask.Width], dtype: torch.uint8);
        var box = torch.tensor(new[] { (float)thing.Box.Left, (float)thing.Box.Top, (float)thing.Box.Right, (float)thing.Box.Bottom }, [1, 4]);
        return KdNotebooks.Ops.MaskTargets.Crop(mask, box, torch.zeros(1, dtype: torch.int64), 112);
    }

    private static IReadOnlyList<ThingPrediction> Predict(DetectionTask task, INetwork network, Sample[] samples)
    {
        var batch = PixelBatch.Of(samples, new SampleKeys([.. Enumerable.Range(0, samples.Length)], 0)).On(task.Data.Mean, task.Data.Std, torch.CPU, task.Stride);
        return task.Predict((IDetections)task.Infer(network, batch), batch);
    }

    private static DetectionTask Task(Sample[] samples)
    {
        var set = ThingSet.Of("tiny", ["a", "b"], samples);
        return new DetectionTask(
            new Dataset("tiny", set, set, null, Dataset.ImageNetMean, Dataset.ImageNetStd), PaddedCrop.None);
    }

    private static Sample Sample(int height, int width, int seed)
    {
        var pixels = new byte[3 * height * width];
        new Random(seed).NextBytes(pixels);
        var size = new ImageSize(height, width);
        var box = ImageBox.OfCorners(4, 4, 30, 30);
        return Things.Sample($"image {seed}", size, pixels, [new(0, box, RunLength.OfBox(box, height, width))]);
    }

    private sealed record Told(IReadOnlyList<FoundThings> Found) : IDetections
    {
        public IReadOnlyList<KdNotebooks.Losses.LossTerm> Losses(IBoxTargets targets) => [];
    }
}
