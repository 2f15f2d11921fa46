using KdNotebooks.Data;
using KdNotebooks.Losses;
using KdNotebooks.Metrics;
using KdNotebooks.Models;
using KdNotebooks.Runtime;
using Microsoft.Data.Analysis;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tasks.Segmentation;

/// <summary>
/// Semantic segmentation: cross-entropy over the labeled pixels to learn by, that of an auxiliary head beside it, and
/// mean intersection over union to judge by.
/// </summary>
/// <remarks>
/// A pixel with the label 255 is neither learned from nor counted. Scores come from one confusion matrix over all
/// pixels of the split, accumulated in integers.
/// </remarks>
public sealed class SegmentationTask : TypedTask<LabelMaps, ModelOutput, LabelMapPrediction>
{
    // Pixels of an evaluation batch: 28 images of 96x96, one of Cityscapes.
    private const int MostPixels = 1 << 18, MostImages = 32;

    private readonly SegmentationSpec spec;

    /// <param name="data">Images with label maps.</param>
    /// <param name="augmentation">Of training images.</param>
    /// <param name="spec">The default value null means <see cref="SegmentationSpec"/>'s defaults.</param>
    /// <exception cref="KdException">An option is out of its range.</exception>
    public SegmentationTask(Dataset data, IAugmentation augmentation, SegmentationSpec? spec = null)
        : base(spec ?? new SegmentationSpec(), data, augmentation)
    {
        this.spec = spec ?? new SegmentationSpec();
        this.spec.RequireSound(data);
        Pictures = new LabelMapPictures(LabelMapSet.TableOf(data.Train));
    }

    /// <summary>
    /// One class for every pixel gives at most this mean IoU: its own is at most 100, that of the others 0.
    /// </summary>
    public override double Chance => 100.0 / Data.ClassNames.Count;

    public override string ClassMeasure => "IoU of the class";

    public override EvaluationLimits Limits => new(MostImages, MostPixels);

    public override IPictures Pictures { get; }

    public override IReadOnlyList<LossTerm> Loss(ModelOutput outputs, LabelMaps targets)
    {
        var task = new LossTerm("task", Loss(outputs.Logits, targets.Labels, spec.ClassWeights));
        return outputs.Auxiliary is { } auxiliary && spec.AuxiliaryWeight > 0
            ? [task, new("auxiliary", Loss(auxiliary, targets.Labels, spec.ClassWeights) * spec.AuxiliaryWeight)]
            : [task];
    }

    /// <param name="logits">[N, K, H, W]</param>
    /// <param name="labels">[N, H, W], int64; 255 is ignored.</param>
    /// <param name="classWeights">One a class; null weighs all alike.</param>
    /// <returns>
    /// Cross-entropy, a scalar: the mean over labeled pixels, each with its class's weight. 0 where none is labeled.
    /// </returns>
    public static Tensor Loss(Tensor logits, Tensor labels, IReadOnlyList<double>? classWeights = null)
    {
        using var scope = torch.NewDisposeScope();
        var weights = classWeights is null ? null : torch.tensor(
            classWeights.ToArray(), dtype: logits.dtype, device: logits.device);
        var sum = functional.cross_entropy(logits, labels, weights, LabelTable.Ignored, nn.Reduction.Sum);
        var counted = labels.ne(LabelTable.Ignored);
        var total = weights is null
            ? counted.sum().to(logits.dtype)
            : weights.index_select(0, labels.masked_select(counted)).sum();
        // A batch without any labeled pixel: nothing divided by something, in the place of nothing by nothing.
        return (sum / total.clamp_min(1e-12)).MoveToOuterDisposeScope();
    }

    /// <summary>The logits of the labeled pixels.</summary>
    public override LogitRows Rows(ModelOutput outputs, Tensor teacher, LabelMaps targets)
    {
        using var scope = torch.NewDisposeScope();
        var counted = targets.Labels.flatten().ne(LabelTable.Ignored).nonzero().flatten();
        var labels = targets.Labels.flatten().index_select(0, counted);
        return new LogitRows(
            Pixels(outputs.Logits).MoveToOuterDisposeScope(), Pixels(teacher).MoveToOuterDisposeScope(),
            labels.MoveToOuterDisposeScope());

        // [N, K, H, W] -> [pixels, K]
        Tensor Pixels(Tensor map) => map.permute(0, 2, 3, 1).flatten(0, 2).index_select(0, counted);
    }

    /// <summary>Logits of whole images, in windows where the task says so.</summary>
    public override IOutputs Infer(INetwork network, Batch batch) => spec.Window is { } window
        ? new ModelOutput(window.Logits(part => Known(network.Forward(Batch.Of(part))).Logits, batch.Images))
        : network.Forward(batch);

    public override IReadOnlyList<LabelMapPrediction> Predict(ModelOutput outputs, Batch batch)
    {
        using var scope = torch.NewDisposeScope();
        var (guesses, truth) = (outputs.Logits.argmax(1), Known(batch.Targets).Labels);
        return [.. Enumerable.Range(0, batch.Count).Select(i =>
        {
            var iou = new MeanIou(Data.ClassNames.Count, LabelTable.Ignored);
            iou.Add(guesses[i], truth[i]);
            return new LabelMapPrediction(
                guesses[i].to(torch.uint8).cpu().contiguous().data<byte>().ToArray(), 100 * iou.Result().Mean);
        })];
    }

    public override IMeter NewMeter() => new IouMeter(this);

    public override void RequireTrainable(int batchSize)
    {
        RequireLabels("training", Data.Train);
        RequireLabels("validation", Data.Validation);
        RequireLabels("test", Data.Test);
        RequireOneSize(batchSize);
    }

    public override IReadOnlyList<string> Remarks() =>
    [
        .. new[] { ("training", Data.Train), ("validation", Data.Validation), ("test", Data.Test) }
            .Where(split => split.Item2 is not null)
            .Select(split => (Name: split.Item1, Only: OnlyClass(split.Item2!)))
            .Where(split => split.Only is not null)
            .Select(split => $"Segmentation: every labeled pixel of the {split.Name} images of {Data.Name} is of one "
                + $"class, {Data.ClassNames[split.Only!.Value]}."),
    ];

    // Most often the first label map ends it.
    private static int? OnlyClass(SampleSet set)
    {
        int? only = null;
        for (var i = 0; i < set.Count; i++)
        {
            var labels = LabelMap.Of(set.Load(i)).Labels.AsSpan();
            var at = labels.IndexOfAnyExcept(LabelTable.Ignored);
            only ??= at < 0 ? null : labels[at];
            if (only is { } one && labels.ContainsAnyExcept(LabelTable.Ignored, (byte)one))
            {
                return null;
            }
        }

        return only;
    }

    // The same here.
    private void RequireLabels(string split, SampleSet? set)
    {
        if (set is not null && !Enumerable.Range(0, set.Count)
            .Any(i => LabelMap.Of(set.Load(i)).Labels.AsSpan().ContainsAnyExcept(LabelTable.Ignored)))
        {
            throw new KdException(
                $"Segmentation: no pixel of the {set.Count} {split} label map(s) of {Data.Name} has a class: all are "
                + $"{LabelTable.Ignored}, ignored. Nothing can be learned or counted; take other images, or a label "
                + "table that trains the ids they hold.");
        }
    }

    // Without a crop an image keeps its size.
    private void RequireOneSize(int batchSize)
    {
        if (batchSize == 1 || Data.Train.OneSize is not null || Augmentation.SizeOf(null) is not null)
        {
            return;
        }

        var first = Data.Train.SizeOf(0);
        for (var i = 1; i < Data.Train.Count; i++)
        {
            if (Data.Train.SizeOf(i) is var size && size != first)
            {
                throw new KdException(
                    $"Segmentation: training image {i} of {Data.Name} has {size} pixels, the first one {first}, and one "
                    + $"batch has one size; take crops (`augment (Scene.crop {Math.Min(first.Height, size.Height)} "
                    + $"{Math.Min(first.Width, size.Width)})`).");
            }
        }
    }

    public override DataSummary Summarize(CancellationToken cancellation = default)
    {
        var splits = new[] { ("train", Data.Train), ("validation", Data.Validation), ("test", Data.Test) }
            .Where(split => split.Item2 is not null)
            .Select(split => (Name: split.Item1, Set: split.Item2!, Of: ClassShares.Of(split.Item2!, cancellation: cancellation)))
            .ToList();
        var columns = splits.SelectMany(split => new DataFrameColumn[]
        {
            new DoubleDataFrameColumn(
                $"{split.Name}: % of pixels", split.Of.Pixels.Select(share => Math.Round(share, 2))),
            new Int32DataFrameColumn($"{split.Name}: in images", split.Of.In),
        });
        return new DataSummary(
            new DataFrame(columns.Prepend(new StringDataFrameColumn("class", Data.ClassNames))),
            [.. splits.Select(split => Counted(split.Name, split.Set, split.Of))]);
    }

    protected override LabelMaps BlankTargets(int images) =>
        new(torch.zeros([images, Image[1], Image[2]], dtype: torch.int64));

    private string Counted(string name, SampleSet set, ClassShares of) =>
        $"{name}: " + (of.Images == set.Count
            ? $"{set.Count} images counted"
            : $"the first {of.Images} of {set.Count} images counted")
        + FormattableString.Invariant($", {of.Ignored:0.##} % of the pixels are ignored")
        + (Data.ClassNames.Where((_, k) => of.In[k] > 0).ToList() is [var one] ? $", all others are {one}" : "");

    /// <summary>Mean IoU, pixel accuracy, the IoU of each class, and mean cross-entropy of the labeled pixels.</summary>
    private sealed class IouMeter(SegmentationTask task) : IMeter
    {
        private readonly MeanIou counts = new(task.Data.ClassNames.Count, LabelTable.Ignored);
        private double loss;

        public void Add(IOutputs outputs, Batch batch)
        {
            using var scope = torch.NewDisposeScope();
            var (logits, labels) = (task.Known(outputs).Logits, task.Known(batch.Targets).Labels);
            counts.Add(logits.argmax(1), labels);
            loss += functional.cross_entropy(logits, labels, null, LabelTable.Ignored, nn.Reduction.Sum).item<float>();
        }

        public Score Result()
        {
            var result = counts.Result();
            return new Score(
                [new Metric("mIoU", 100 * result.Mean), new Metric("pixel accuracy", 100 * result.PixelAccuracy)],
                loss / result.Pixels,
                [.. result.Iou.Select(iou => 100 * iou)])
            {
                Confusion = counts.Confusion(task.Data.ClassNames),
            };
        }
    }
}
