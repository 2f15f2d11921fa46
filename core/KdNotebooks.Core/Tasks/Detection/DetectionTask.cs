using KdNotebooks.Data;
using KdNotebooks.Losses;
using KdNotebooks.Masks;
using KdNotebooks.Metrics;
using KdNotebooks.Models;
using KdNotebooks.Models.Detection;
using KdNotebooks.Ops;
using KdNotebooks.Runtime;
using Microsoft.Data.Analysis;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tasks.Detection;

/// <summary>
/// Where things of some classes are, by boxes and as an option by masks; judged by COCO's mean average precision. Any
/// network that gives <see cref="IDetections"/> is trained for it.
/// </summary>
public sealed class DetectionTask : TypedTask<ThingBatch, IDetections, ThingPrediction>
{
    private readonly DetectionSpec spec;

    /// <param name="data">Images with things.</param>
    /// <param name="augmentation">Of training images.</param>
    /// <param name="spec">The default value null means <see cref="DetectionSpec"/>'s defaults.</param>
    /// <exception cref="KdException">An option is out of its range.</exception>
    public DetectionTask(Dataset data, IAugmentation augmentation, DetectionSpec? spec = null)
        : base(spec ?? new DetectionSpec(), data, augmentation)
    {
        this.spec = spec ?? new DetectionSpec();
        this.spec.RequireSound();
        Pictures = new ThingPictures(data.ClassNames);
    }

    /// <summary>Boxes at random are hardly ever right.</summary>
    public override double Chance => 0.5;

    public override string ClassMeasure => spec.Masks ? "mask AP of the class" : "box AP of the class";

    public override EvaluationLimits Limits => new(16, 16L << 20);

    public override int Stride => spec.Stride;

    public override IPictures Pictures { get; }

    public override IReadOnlyList<LossTerm> Loss(IDetections outputs, ThingBatch targets) => outputs.Losses(targets);

    /// <summary>
    /// What is found in whole images, resized where the task says so; boxes come back in the images' own pixels. Images of
    /// one size at a time: none sees another's padding.
    /// </summary>
    public override IOutputs Infer(INetwork network, Batch batch)
    {
        using var scope = torch.NewDisposeScope();
        var found = new FoundThings[batch.Count];
        foreach (var group in Enumerable.Range(0, batch.Count).GroupBy(i => batch.Sizes[i]))
        {
            var (own, indices) = (group.Key, group.ToList());
            var resized = spec.ShortSide is { } side ? ShortSide.Of(own, side, spec.LongSide) : own;
            var images = Padded(Resized(batch, indices, own, resized));
            var sizes = Enumerable.Repeat(resized, indices.Count).ToList();
            var outputs = Known(network.Forward(batch with
            {
                Images = images,
                Sizes = sizes,
                Targets = new NoTargets(indices.Count),
                Keys = new SampleKeys([.. indices.Select(i => batch.Keys.Indices[i])], batch.Keys.View),
            }));
            foreach (var (things, i) in outputs.Found.Zip(indices))
            {
                found[i] = Back(things, own, resized);
            }
        }

        return new Inferred([.. found.Select(things => things.Moved())]);
    }

    public override IReadOnlyList<ThingPrediction> Predict(IDetections outputs, Batch batch) =>
        [.. outputs.Found.Zip(batch.Sizes, (found, size) => new ThingPrediction(Objects(found, size)))];

    public override IMeter NewMeter() => new PrecisionMeter(this, spec.Masks);

    public override void RequireTrainable(int batchSize)
    {
        if (!spec.Masks)
        {
            return;
        }

        foreach (var set in new[] { Data.Train, Data.Validation, Data.Test }.OfType<SampleSet>())
        {
            if (((set.Whole as ThingSet)?.WithoutMask ?? FirstWithoutMask(set)) is { } id)
            {
                throw new KdException(
                    $"Detection: {set.Name} has boxes without masks (annotation {id}), and the task learns masks; choose data "
                    + "with masks, or the task without.");
            }
        }
    }

    public override IReadOnlyList<string> Remarks() =>
        [
            .. new[] { Data.Train, Data.Validation, Data.Test }.Select(set => set?.Whole).OfType<ThingSet>()
                .SelectMany(set => set.Remarks),
        ];

    public override DataSummary Summarize(CancellationToken cancellation = default)
    {
        var splits = new[] { ("train", Data.Train), ("validation", Data.Validation), ("test", Data.Test) }
            .Where(split => split.Item2 is not null)
            .Select(split => (Name: split.Item1, Set: split.Item2!, Of: ThingCounts.Of(split.Item2!, cancellation))).ToList();
        return new DataSummary(
            new DataFrame(splits.SelectMany(split => new DataFrameColumn[]
            {
                new Int32DataFrameColumn($"{split.Name}: things", split.Of.Things),
                new Int32DataFrameColumn($"{split.Name}: in images", split.Of.In),
            }).Prepend(new StringDataFrameColumn("class", Data.ClassNames))),
            [.. splits.Select(split => split.Of.Note(split.Name, split.Set))]);
    }

    // One thing in the middle of each: rehearsals then go through every part of a network.
    protected override ThingBatch BlankTargets(int images)
    {
        var size = new ImageSize((int)Image[1], (int)Image[2]);
        var box = new ImageBox(size.Width / 4.0, size.Height / 4.0, size.Width / 2.0, size.Height / 2.0);
        var thing = new Thing(0, box, RunLength.OfBox(box, size.Height, size.Width));
        return ThingBatch.Of(
            [.. Enumerable.Repeat(new Things([thing], size), images)], size, torch.CPU);
    }

    // Of a set that does not say so itself, the first images.
    private static long? FirstWithoutMask(SampleSet set) => Enumerable.Range(0, Math.Min(set.Count, 100))
        .SelectMany(i => ThingSet.Of(set, i).All).FirstOrDefault(thing => thing.Mask is null)?.Id;

    private Tensor Padded(Tensor images)
    {
        var size = new ImageSize((int)images.shape[2], (int)images.shape[3]).PaddedTo(Stride);
        return functional.pad(images, [0, size.Width - images.shape[3], 0, size.Height - images.shape[2]]);
    }

    private static Tensor Resized(Batch batch, List<int> indices, ImageSize own, ImageSize to)
    {
        var index = torch.tensor(indices.Select(i => (long)i).ToArray(), device: batch.Images.device);
        var images = batch.Images.index_select(0, index).narrow(2, 0, own.Height).narrow(3, 0, own.Width);
        return own == to ? images : functional.interpolate(
            images, [to.Height, to.Width], mode: torch.InterpolationMode.Bilinear, align_corners: false);
    }

    private static FoundThings Back(FoundThings found, ImageSize own, ImageSize resized)
    {
        if (own == resized)
        {
            return found;
        }

        var (x, y) = ((float)own.Width / resized.Width, (float)own.Height / resized.Height);
        return found with { Boxes = found.Boxes * torch.tensor([x, y, x, y], device: found.Boxes.device) };
    }

    private IReadOnlyList<FoundObject> Objects(FoundThings found, ImageSize size)
    {
        using var scope = torch.NewDisposeScope();
        var boxes = ManagedCopy.Of<float>(found.Boxes);
        var scores = ManagedCopy.Of<float>(found.Scores);
        var classes = ManagedCopy.Of<long>(found.Classes);
        var masks = spec.Masks ? Masks(found, size) : null;
        return [.. Enumerable.Range(0, scores.Length).Select(i => new FoundObject(
            (int)classes[i], scores[i],
            ImageBox.OfCorners(boxes[4 * i], boxes[(4 * i) + 1], boxes[(4 * i) + 2], boxes[(4 * i) + 3]), masks?[i]))];
    }

    private static IReadOnlyList<RunLength> Masks(FoundThings found, ImageSize size)
    {
        var masks = found.Masks ?? throw new KdException(
            "Detection: the task is judged by masks, and the network gives none; choose a network with masks (Mask R-CNN), or "
            + "the task without.");
        // One at a time: pasted, a mask is as large as the image.
        return [.. Enumerable.Range(0, (int)masks.shape[0]).Select(i =>
        {
            using var scope = torch.NewDisposeScope();
            var pasted = MaskPaste.Above(masks.narrow(0, i, 1), found.Boxes.narrow(0, i, 1), size.Height, size.Width);
            return RunLength.OfBitmap(pasted.data<bool>().ToArray(), size.Height, size.Width);
        })];
    }

    /// <summary>What was found, in each image's own pixels.</summary>
    private sealed record Inferred(IReadOnlyList<FoundThings> Found) : IDetections
    {
        public IReadOnlyList<LossTerm> Losses(IBoxTargets targets) =>
            throw new KdException("Detection: an evaluation has no losses; ask after a pass in training mode.");
    }
}
