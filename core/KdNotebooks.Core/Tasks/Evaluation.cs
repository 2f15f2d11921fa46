using KdNotebooks.Data;
using KdNotebooks.Models;

namespace KdNotebooks.Tasks;

/// <summary>What an evaluation came to, for one network.</summary>
/// <param name="Score">Over all images that were looked at.</param>
/// <param name="Predictions">In the order of the images; empty where they were not asked for.</param>
public sealed record Evaluated(Score Score, IReadOnlyList<IPrediction> Predictions);

/// <summary>Which images are evaluated, and what is kept of them.</summary>
/// <param name="Split">"train", "validation" or "test".</param>
/// <param name="Images">Indices into the split; null (the default) for all.</param>
/// <param name="KeepPredictions">Whether predictions are kept, beside the score. The default value is false.</param>
public sealed record EvaluationRequest(string Split, IReadOnlyList<int>? Images = null, bool KeepPredictions = false);

/// <summary>The one loop that serves scores, confusion, predictions and pictures.</summary>
public static class Evaluation
{
    /// <summary>
    /// Evaluates several networks in one pass over the images: the dataset is read once. They are put in evaluation
    /// mode and left there.
    /// </summary>
    /// <param name="networks">On the device already.</param>
    /// <returns>One a network, in their order.</returns>
    /// <exception cref="Runtime.KdException">There is no such split, or it has no labels.</exception>
    public static IReadOnlyList<Evaluated> Run(
        ITask task, IReadOnlyList<INetwork> networks, EvaluationRequest request, torch.Device device,
        CancellationToken cancellation = default)
    {
        using var inference = torch.inference_mode();
        var set = task.Data.SplitNamed(request.Split);
        var meters = networks.Select(_ => task.NewMeter()).ToList();
        var predictions = networks.Select(_ => new List<IPrediction>()).ToList();
        networks.ToList().ForEach(network => network.Root.eval());
        var order = BySize(set, request.Images ?? [.. Enumerable.Range(0, set.Count)]);
        foreach (var pixels in BatchLoader.OfSizes(
            set, task.Limits, [.. order.Select(image => (image.Index, image.Size))], cancellation))
        {
            using var scope = torch.NewDisposeScope();
            var batch = task.BatchOf(pixels, device);
            for (var i = 0; i < networks.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                using var step = torch.NewDisposeScope();
                var outputs = task.Infer(networks[i], batch);
                meters[i].Add(outputs, batch);
                if (request.KeepPredictions)
                {
                    predictions[i].AddRange(task.Predict(outputs, batch));
                }
            }
        }

        return [.. meters.Zip(predictions, (meter, kept) => new Evaluated(meter.Result(), AsAsked(kept, order)))];
    }

    /// <summary>The scores alone, over all images of a split.</summary>
    /// <inheritdoc cref="Run"/>
    public static IReadOnlyList<Score> Scores(
        ITask task, IReadOnlyList<INetwork> networks, string split, torch.Device device,
        CancellationToken cancellation = default) =>
        [.. Run(task, networks, new EvaluationRequest(split), device, cancellation).Select(one => one.Score)];

    // Images of one size together, small ones first: which batches there are, and what they take, is then no matter of
    // how files are named. Of equals the order stays.
    private static List<(int Place, int Index, ImageSize Size)> BySize(SampleSet set, IReadOnlyList<int> images) =>
        [.. images.Select((index, place) => (Place: place, Index: index, Size: set.SizeOf(index)))
            .OrderBy(image => image.Size.Height).ThenBy(image => image.Size.Width)];

    private static List<IPrediction> AsAsked(
        List<IPrediction> kept, List<(int Place, int Index, ImageSize Size)> order) => kept.Count == 0
            ? kept
            : [.. order.Zip(kept).OrderBy(entry => entry.First.Place).Select(entry => entry.Second)];
}
