using KdNotebooks.Data.Dense;
using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Metrics;
using KdNotebooks.Models;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tasks;

/// <summary>
/// Semantic segmentation: cross-entropy over the labelled pixels to learn by, that of an auxiliary head beside it, and
/// mean intersection over union to judge by.
/// </summary>
/// <remarks>
/// A pixel with the label 255 is neither learned from nor counted. Scores come from one confusion matrix over all
/// pixels of the split, accumulated in integers.
/// </remarks>
public sealed class Segmentation : ITask
{
    private readonly DenseData data;
    private readonly DenseAugmentation augmentation;
    private readonly SegmentationSpec spec;
    private readonly Lazy<IReadOnlyList<long>> image;

    /// <param name="data">Images with label maps.</param>
    /// <param name="augmentation">Of training images.</param>
    /// <param name="spec">The default value null means <see cref="SegmentationSpec"/>'s defaults.</param>
    /// <exception cref="KdException">An option is out of its range.</exception>
    public Segmentation(DenseData data, DenseAugmentation augmentation, SegmentationSpec? spec = null)
    {
        (this.data, this.augmentation, this.spec) = (data, augmentation, spec ?? new SegmentationSpec());
        augmentation.RequireSound();
        this.spec.RequireSound(data);
        image = new Lazy<IReadOnlyList<long>>(() =>
        {
            var whole = Data.ImageShape;
            return
            [
                3, augmentation.CropHeight > 0 ? augmentation.CropHeight : whole[1],
                augmentation.CropWidth > 0 ? augmentation.CropWidth : whole[2],
            ];
        });
    }

    public ITaskSpec Spec => spec;

    public IDataset Data => data;

    public IAugmentation Augmentation => augmentation;

    public IReadOnlyList<long> Image => image.Value;

    /// <summary>
    /// One class for every pixel gives at most this mean IoU: its own is at most 100, that of the others 0.
    /// </summary>
    public double Chance => 100.0 / data.Train.Table.Classes.Count;

    public IBatchLoader Loader(int batchSize, long seed)
    {
        if (batchSize > 1 && (augmentation.CropHeight == 0 || augmentation.CropWidth == 0))
        {
            RequireOneSize();
        }

        return new DenseLoader(data.Train, batchSize, seed, augmentation);
    }

    public IAugmentedImages Views(long seed) => new AugmentedScenes(data, augmentation, seed);

    public Tensor BlankLabels(int images) => torch.zeros([images, Image[1], Image[2]], dtype: torch.int64);

    public IReadOnlyList<LossTerm> Loss(ModelOutput output, Tensor labels)
    {
        var task = new LossTerm("task", Loss(output.Logits, labels, spec.ClassWeights));
        return output.Auxiliary is { } auxiliary && spec.AuxiliaryWeight > 0
            ? [task, new("auxiliary", Loss(auxiliary, labels, spec.ClassWeights) * spec.AuxiliaryWeight)]
            : [task];
    }

    /// <param name="logits">[N, K, H, W]</param>
    /// <param name="labels">[N, H, W], int64; 255 is ignored.</param>
    /// <param name="classWeights">One a class; null weighs all alike.</param>
    /// <returns>
    /// Cross-entropy, a scalar: the mean over labelled pixels, each with its class's weight. 0 where none is labelled.
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
        // A batch without any labelled pixel: nothing divided by something, in the place of nothing by nothing.
        return (sum / total.clamp_min(1e-12)).MoveToOuterDisposeScope();
    }

    public IReadOnlyList<Score> Evaluate(
        IReadOnlyList<Module<Tensor, Tensor>> models, string split, torch.Device device,
        CancellationToken cancellation = default)
    {
        using var inference = torch.inference_mode();
        var set = data.SplitNamed(split);
        var counts = models.Select(_ => new MeanIou(set.Table.Classes.Count, LabelTable.Ignored)).ToList();
        var loss = new double[models.Count];
        models.ToList().ForEach(model => model.eval());
        foreach (var batch in DenseLoader.InSizes(set, cancellation))
        {
            using var scope = torch.NewDisposeScope();
            var (images, labels) = batch.ToTensors(data.Mean, data.Std, device);
            for (var i = 0; i < models.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                using var step = torch.NewDisposeScope();
                var logits = Logits(models[i], images);
                counts[i].Add(logits.argmax(1), labels);
                loss[i] += functional.cross_entropy(logits, labels, null, LabelTable.Ignored, nn.Reduction.Sum)
                    .item<float>();
            }
        }

        return [.. counts.Zip(loss, (count, sum) => ScoreOf(count.Result(), sum))];
    }

    /// <summary>Logits of whole images, in windows where the task says so.</summary>
    /// <param name="images">[N, 3, H, W], normalized.</param>
    /// <returns>[N, K, H, W]</returns>
    public Tensor Logits(Module<Tensor, Tensor> model, Tensor images) =>
        spec.Window is { } window ? window.Logits(model.call, images) : model.call(images);

    // Without a crop an image keeps its size.
    private void RequireOneSize()
    {
        var first = data.Train.SizeOf(0);
        for (var i = 1; i < data.Train.Count; i++)
        {
            if (data.Train.SizeOf(i) is var size && size != first)
            {
                throw new KdException(
                    $"Segmentation: training image {i} of {data.Name} has {size.Width}x{size.Height} pixels, the first "
                    + $"one {first.Width}x{first.Height}, and one batch has one size; take crops "
                    + $"(`augment (Scene.crop {Math.Min(first.Height, size.Height)} "
                    + $"{Math.Min(first.Width, size.Width)})`).");
            }
        }
    }

    private static Score ScoreOf(MeanIouResult result, double loss) => new(
        [
            new Metric(MetricNames.MeanIou, 100 * result.Mean),
            new Metric(MetricNames.PixelAccuracy, 100 * result.PixelAccuracy),
        ],
        loss / result.Pixels,
        [.. result.Iou.Select(iou => 100 * iou)]);
}
