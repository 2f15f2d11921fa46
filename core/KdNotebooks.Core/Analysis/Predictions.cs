using KdNotebooks.Data;
using KdNotebooks.Metrics;
using KdNotebooks.Native;
using KdNotebooks.Tasks;

namespace KdNotebooks.Analysis;

/// <summary>What a student predicted for each image of a set.</summary>
/// <param name="Run">"mlp-1, seed 1".</param>
/// <param name="Split">"test", "validation" or "train".</param>
/// <param name="Images">With their labels and the names of the classes.</param>
/// <param name="Classes">[N], the predicted class of each image.</param>
/// <param name="Confidence">[N], the softmax probability of the predicted class, from 0 to 1.</param>
public sealed record Predictions(
    string Run, string Split, ImageSet Images, IReadOnlyList<int> Classes, IReadOnlyList<float> Confidence)
{
    /// <summary>How many of each class were taken for each class.</summary>
    public ConfusionMatrix Confusion => ConfusionMatrix.Of(Images.ClassNames, Labels(), Classes);

    /// <summary>Top-1, in percent.</summary>
    public double Accuracy => Confusion.Accuracy;

    /// <summary>Whether an image was recognised.</summary>
    public bool IsRight(int index) => Classes[index] == Images.Labels.Span[index];

    public override string ToString() =>
        FormattableString.Invariant($"{Run}: {Accuracy:F2} % of {Classes.Count} {Split} images recognised");

    internal static Predictions Of(
        TrainedRun run, ImageSet images, string split, CancellationToken cancellation)
    {
        var device = Devices.Select(run.Recipe.Device);
        using var inference = torch.inference_mode();
        using var student = run.Student().Build();
        student.to(device);
        var (classes, confidence) = (new List<int>(images.Count), new List<float>(images.Count));
        foreach (var batch in BatchLoader.InOrder(images, Classification.EvaluationBatch, cancellation))
        {
            using var scope = torch.NewDisposeScope();
            var (pixels, _) = batch.ToTensors(run.Task.Data.Mean, run.Task.Data.Std, device);
            var (values, indices) = student.call(pixels).softmax(1).max(1);
            classes.AddRange(indices.cpu().data<long>().ToArray().Select(index => (int)index));
            confidence.AddRange(values.cpu().data<float>().ToArray());
        }

        return new Predictions(run.Name, split, images, classes, confidence);
    }

    private int[] Labels() => [.. Images.Labels.ToArray().Select(label => (int)label)];
}
