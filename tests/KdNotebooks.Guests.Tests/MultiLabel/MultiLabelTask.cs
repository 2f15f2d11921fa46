using KdNotebooks.Data;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Tasks;
using Microsoft.Data.Analysis;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Guests.MultiLabel;

/// <summary>
/// Several classes an image: binary cross-entropy of each class to learn by, mean average precision to judge by.
/// </summary>
public sealed class MultiLabelTask(MultiLabelSpec spec, Dataset data, IAugmentation augmentation)
    : TypedTask<LabelSets, ModelOutput, LabelSetPrediction>(spec, data, augmentation)
{
    private readonly Lazy<double> chance = new(() => Shares(data.Validation).Average());

    /// <summary>An order by chance has the share of a class's images as its average precision.</summary>
    public override double Chance => chance.Value;

    public override string ClassMeasure => "average precision of the class";

    public override IPictures Pictures { get; } = new LabelSetPictures(data.ClassNames);

    public override IReadOnlyList<LossTerm> Loss(ModelOutput outputs, LabelSets targets)
    {
        var task = new LossTerm(
            "task", functional.binary_cross_entropy_with_logits(outputs.Logits, targets.Present));
        return outputs is LabelOutput { Seen: var seen }
            ? [task, new("count", functional.smooth_l1_loss(seen, targets.Present.sum(1)) * spec.CountWeight)]
            : [task];
    }

    /// <summary>Each image and class is a row of two logits, [0, z]: their softmax is the sigmoid of z.</summary>
    public override LogitRows Rows(ModelOutput outputs, Tensor teacher, LabelSets targets)
    {
        return new(Two(outputs.Logits), Two(teacher), targets.Present.flatten().to(torch.int64));

        // [N, K] -> [N K, 2]
        static Tensor Two(Tensor logits) => torch.stack([torch.zeros_like(logits), logits], -1).flatten(0, 1);
    }

    public override IReadOnlyList<LabelSetPrediction> Predict(ModelOutput outputs, Batch batch)
    {
        using var scope = torch.NewDisposeScope();
        var confidence = outputs.Logits.sigmoid().cpu().contiguous();
        return [.. Enumerable.Range(0, batch.Count)
            .Select(i => new LabelSetPrediction(confidence[i].data<float>().ToArray()))];
    }

    public override IMeter NewMeter() => new LabelSetMeter(this);

    public override DataSummary Summarize(CancellationToken cancellation = default) => new(
        new DataFrame(
            new StringDataFrameColumn("class", Data.ClassNames),
            new DoubleDataFrameColumn("train: % of images", Shares(Data.Train)),
            new DoubleDataFrameColumn("validation: % of images", Shares(Data.Validation))),
        ["An image counts for each class that it shows."]);

    protected override LabelSets BlankTargets(int images) => new(torch.zeros(images, Data.ClassNames.Count));

    // Of each class, in percent of the images.
    private static double[] Shares(SampleSet set)
    {
        var shares = new double[set.ClassNames.Count];
        foreach (var index in Enumerable.Range(0, set.Count).SelectMany(i => ((LabelSet)set.Load(i).Target).Classes))
        {
            shares[index] += 100.0 / set.Count;
        }

        return shares;
    }
}
