using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Models;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tasks;

/// <summary>Image classification: cross-entropy to learn by, top-1 accuracy to judge by.</summary>
/// <param name="data">Images with a class each.</param>
/// <param name="augmentation">Of training images.</param>
public sealed class Classification(ImageData data, Augmentation augmentation) : ITask
{
    // Large enough to use both cores, small enough to stay in the cache.
    internal const int EvaluationBatch = 250;

    public ITaskSpec Spec { get; } = new ClassificationSpec();

    public IDataset Data => data;

    public IAugmentation Augmentation => augmentation;

    public IReadOnlyList<long> Image => Data.ImageShape;

    public double Chance => 100.0 / data.Train.ClassNames.Count;

    public IBatchLoader Loader(int batchSize, long seed) =>
        new BatchLoader(data.Train, batchSize, seed, augmentation, dropLast: true);

    public IAugmentedImages Views(long seed) => new AugmentedImages(data, augmentation, seed);

    public Tensor BlankLabels(int images) => torch.zeros(images, dtype: torch.int64);

    public IReadOnlyList<LossTerm> Loss(ModelOutput output, Tensor labels) =>
        [new("task", Loss(output.Logits, labels))];

    public IReadOnlyList<Score> Evaluate(
        IReadOnlyList<Module<Tensor, Tensor>> models, string split, torch.Device device,
        CancellationToken cancellation = default) =>
        Evaluate(models, data.SplitNamed(split), data.Mean, data.Std, device, cancellation);

    /// <param name="logits">[N, K]</param>
    /// <param name="labels">[N], int64</param>
    /// <returns>Mean cross-entropy, a scalar.</returns>
    public static Tensor Loss(Tensor logits, Tensor labels) => functional.cross_entropy(logits, labels);

    /// <summary>
    /// Scores several models in one pass over the images; they are put in evaluation mode and left there.
    /// </summary>
    public static IReadOnlyList<Score> Evaluate(
        IReadOnlyList<Module<Tensor, Tensor>> models,
        ImageSet images,
        IReadOnlyList<float> mean,
        IReadOnlyList<float> std,
        torch.Device device,
        CancellationToken cancellation = default)
    {
        using var inference = torch.inference_mode();
        var (right, loss) = (new long[models.Count], new double[models.Count]);
        models.ToList().ForEach(model => model.eval());
        foreach (var batch in BatchLoader.InOrder(images, EvaluationBatch, cancellation))
        {
            using var scope = torch.NewDisposeScope();
            var (pixels, labels) = batch.ToTensors(mean, std, device);
            for (var i = 0; i < models.Count; i++)
            {
                var logits = models[i].call(pixels);
                right[i] += logits.argmax(1).eq(labels).sum().item<long>();
                loss[i] += functional.cross_entropy(logits, labels, reduction: nn.Reduction.Sum).item<float>();
            }
        }

        return [.. right.Zip(loss, (r, l) => new Score(100.0 * r / images.Count, l / images.Count))];
    }
}

/// <summary>Names <see cref="Classification"/>; it has no options.</summary>
public sealed record ClassificationSpec : ITaskSpec
{
    public ITask On(IDataset data, IAugmentation augmentation)
    {
        if (data is not ImageData images)
        {
            throw new KdException(
                $"Classification: {data.Name} has one class for each pixel, not one for each image. Write "
                + "`task segmentation`, or choose fashion-mnist or fashion-mnist-mini.");
        }

        return augmentation is Augmentation known ? new Classification(images, known) : throw new KdException(
            $"Classification: `augment` names a {augmentation.GetType().Name}, which is for images with label maps; "
            + "expected an Augmentation (`augment (crop 2 |> flip)`).");
    }
}
