using KdNotebooks.Data;
using KdNotebooks.Native;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;

namespace KdNotebooks.Analysis;

/// <summary>What one student predicts for images of a split: a value.</summary>
/// <param name="Run">"mlp-1, seed 1".</param>
/// <param name="Split">"train", "validation" or "test".</param>
/// <param name="Task">Knows what a prediction means.</param>
/// <param name="Images">Indices into the split.</param>
/// <param name="Items">One an image, in their order.</param>
/// <param name="Score">Over these images.</param>
public sealed record Predictions(
    string Run, string Split, ITask Task, IReadOnlyList<int> Images, IReadOnlyList<IPrediction> Items, Score Score)
{
    /// <summary>
    /// Whether each image is right, in their order; null where it is so by degrees. Asked for once: it reads the images.
    /// </summary>
    public IReadOnlyList<bool?> Right() => [.. Images.Zip(Items, (image, item) =>
        Task.Pictures.IsRight(Sample(image), item))];

    /// <summary>An image with its truth.</summary>
    /// <param name="image">Its index in the split.</param>
    public Sample Sample(int image) => Task.Data.SplitNamed(Split).Load(image);

    public override string ToString() => FormattableString.Invariant(
        $"{Run}: {Score.Headline.Kind.Prefix}{Score.Headline.Value:F2} % on {Images.Count} {Split} images");

    /// <param name="images">Null for the task's usual: all where predictions are small, else the first few.</param>
    internal static Predictions Of(
        TrainedRun run, string split, IReadOnlyList<int>? images, CancellationToken cancellation)
    {
        var all = run.Task.Data.SplitNamed(split).Count;
        images ??= [.. Enumerable.Range(0, Math.Min(all, run.Task.Pictures.Usual ?? all))];
        RequireImages(run.Name, split, all, images);
        using var scope = torch.NewDisposeScope();
        var device = Devices.Select(run.Recipe.Device);
        var student = run.Student().Build();
        using var root = student.Root;
        root.to(device);
        var found = Evaluation.Run(
            run.Task, [student], new EvaluationRequest(split, images, KeepPredictions: true), device, cancellation)[0];
        return new Predictions(run.Name, split, run.Task, images, found.Predictions, found.Score);
    }

    internal static void RequireImages(string who, string split, int count, IReadOnlyList<int> images)
    {
        if (images.Count == 0)
        {
            throw new KdException($"{who}: no image was asked for; expected at least one index, as [ 0; 5 ].");
        }

        foreach (var image in images.Where(image => image < 0 || image >= count))
        {
            throw new KdException(
                $"{who}: image {image} was asked for, but the {count} {split} images are 0 to {count - 1}.");
        }
    }
}
