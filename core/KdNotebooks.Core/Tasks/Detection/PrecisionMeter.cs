using System.Globalization;
using KdNotebooks.Data;
using KdNotebooks.Metrics;
using KdNotebooks.Models;

namespace KdNotebooks.Tasks.Detection;

/// <summary>COCO's mean average precision of boxes, and of masks where they are judged.</summary>
internal sealed class PrecisionMeter(DetectionTask task, bool masks) : IMeter
{
    private readonly CocoEvaluation boxes = new(task.Data.ClassNames.Count);
    private readonly CocoEvaluation? masked = masks ? new(task.Data.ClassNames.Count, CocoRegion.Mask) : null;

    public void Add(IOutputs outputs, Batch batch)
    {
        var found = task.Predict(task.Known(outputs), batch);
        var truth = task.Known(batch.Targets).Truth;
        for (var i = 0; i < found.Count; i++)
        {
            var truths = truth[i].All.Select(thing =>
                new TrueObject(thing.Class, thing.Box, thing.Area, thing.Crowd, thing.Mask)).ToList();
            boxes.Add(batch.Keys.Indices[i], truths, found[i].Found);
            masked?.Add(batch.Keys.Indices[i], truths, found[i].Found);
        }
    }

    public Score Result()
    {
        var (box, mask) = (boxes.Result(), masked?.Result());
        IEnumerable<Metric> metrics = mask is null ? Of("box", box) : [.. Of("mask", mask), .. Of("box", box)];
        // A detector's losses are of proposals that it draws in training: an evaluation has none.
        return new Score([.. metrics], double.NaN, [.. (mask ?? box).Classes.Select(one => 100 * one.Ap)])
        {
            Curves = [Curve(mask ?? box, 0.5), Curve(mask ?? box, 0.75)],
        };
    }

    // COCO reads precision at recall 0, 0.01, ... 1.
    private static ScoreCurve Curve(CocoResult result, double iou)
    {
        var precision = result.PrecisionCurve(iou);
        return new(
            string.Create(CultureInfo.InvariantCulture, $"IoU {iou:F2}"), "recall", "precision",
            [.. Enumerable.Range(0, precision.Count).Select(i => i / (double)(precision.Count - 1))], precision);
    }

    private static IEnumerable<Metric> Of(string what, CocoResult result) =>
    [
        new($"{what} mAP", 100 * result.Ap),
        new($"{what} AP50", 100 * result.Ap50),
        new($"{what} AP75", 100 * result.Ap75),
        new($"{what} AP small", 100 * result.ApSmall),
        new($"{what} AP medium", 100 * result.ApMedium),
        new($"{what} AP large", 100 * result.ApLarge),
    ];
}
