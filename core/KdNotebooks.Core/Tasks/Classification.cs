using KdNotebooks.Data;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tasks;

/// <summary>How well a classifier does on a set of images.</summary>
/// <param name="Accuracy">Top-1, in percent.</param>
/// <param name="Loss">Mean cross-entropy, in nats.</param>
public readonly record struct Score(double Accuracy, double Loss);

/// <summary>Image classification: cross-entropy to learn by, top-1 accuracy to judge by.</summary>
public static class Classification
{
    // Large enough to use both cores, small enough to stay in the cache.
    internal const int EvaluationBatch = 250;

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
