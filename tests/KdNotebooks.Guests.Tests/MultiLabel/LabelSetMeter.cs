using KdNotebooks.Data;
using KdNotebooks.Models;
using KdNotebooks.Tasks;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Guests.MultiLabel;

/// <summary>Mean average precision, the share of images whose set is right, and mean binary cross-entropy.</summary>
public sealed class LabelSetMeter(MultiLabelTask task) : IMeter
{
    private readonly List<(float[] Logits, float[] Present)> images = [];
    private double loss;

    public void Add(IOutputs outputs, Batch batch)
    {
        using var scope = torch.NewDisposeScope();
        var (logits, present) = (task.Known(outputs).Logits.cpu(), task.Known(batch.Targets).Present.cpu());
        images.AddRange(Enumerable.Range(0, batch.Count).Select(i =>
            (logits[i].data<float>().ToArray(), present[i].data<float>().ToArray())));
        loss += functional.binary_cross_entropy_with_logits(logits, present).item<float>() * batch.Count;
    }

    public Score Result()
    {
        double[] classes = [.. Enumerable.Range(0, task.Data.ClassNames.Count)
            .Select(k => 100 * AveragePrecision(images.Select(image => (image.Logits[k], image.Present[k] > 0))))];
        var right = images.Count(image =>
            image.Logits.Zip(image.Present, (logit, present) => logit > 0 == present > 0).All(same => same));
        var known = classes.Where(double.IsFinite).ToList();
        return new Score(
            [
                new Metric("mAP", known.Count > 0 ? known.Average() : double.NaN),
                new Metric("whole set", 100.0 * right / images.Count),
            ],
            loss / images.Count, classes);
    }

    /// <summary>
    /// The precision at each image that shows the class, averaged, in the order of the logits; equal logits have one
    /// place. NaN where no image shows it.
    /// </summary>
    public static double AveragePrecision(IEnumerable<(float Logit, bool Present)> images)
    {
        var (found, seen, sum) = (0, 0, 0.0);
        foreach (var place in images.GroupBy(image => image.Logit).OrderByDescending(place => place.Key))
        {
            var here = place.Count(image => image.Present);
            (found, seen) = (found + here, seen + place.Count());
            sum += here * (double)found / seen;
        }

        return found == 0 ? double.NaN : sum / found;
    }
}
