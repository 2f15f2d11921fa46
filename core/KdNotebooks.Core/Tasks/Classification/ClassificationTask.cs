using KdNotebooks.Data;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Runtime;
using Microsoft.Data.Analysis;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tasks.Classification;

/// <summary>Image classification: cross-entropy to learn by, top-1 accuracy to judge by.</summary>
/// <param name="data">Images with a class each.</param>
/// <param name="augmentation">Of training images.</param>
/// <param name="options">Null (the default) for the usual ones.</param>
public sealed class ClassificationTask(Dataset data, IAugmentation augmentation, ClassificationSpec? options = null)
    : TypedTask<ClassTargets, ModelOutput, ClassPrediction>(options ?? new ClassificationSpec(), data, augmentation)
{
    private readonly double smoothing = options?.LabelSmoothing ?? 0;

    public override double Chance => 100.0 / Data.ClassNames.Count;

    public override string ClassMeasure => "images of the class recognized";

    // Large enough to use both cores, small enough to stay in the cache; of large images fewer.
    public override EvaluationLimits Limits => new(250, 1 << 24);

    public override IPictures Pictures { get; } = new ClassPictures(data.ClassNames);

    public override IReadOnlyList<LossTerm> Loss(ModelOutput outputs, ClassTargets targets) =>
        [new("task", InRange(targets).Others is null ? Loss(outputs.Logits, targets.Labels, smoothing) : Mixed(outputs.Logits, targets))];

    /// <param name="logits">[N, K]</param>
    /// <param name="labels">[N], int64</param>
    /// <param name="smoothing">The share of each label that is spread over all classes. The default value is 0.</param>
    /// <returns>Mean cross-entropy, a scalar.</returns>
    public static Tensor Loss(Tensor logits, Tensor labels, double smoothing = 0) =>
        functional.cross_entropy(logits, labels, label_smoothing: smoothing);

    protected override LogitRows UnlabeledRows(ModelOutput outputs, Tensor teacher) =>
        new(outputs.Logits, teacher, torch.zeros(0, dtype: torch.int64, device: outputs.Logits.device));

    // Cross-entropy is linear in what is to be learned: the mean of both classes' by their shares.
    private Tensor Mixed(Tensor logits, ClassTargets targets)
    {
        using var scope = torch.NewDisposeScope();
        Tensor Each(Tensor labels) => functional.cross_entropy(logits, labels, reduction: nn.Reduction.None, label_smoothing: smoothing);
        return ((Each(targets.Labels) * targets.Shares!) + (Each(targets.Others!) * (1 - targets.Shares!))).mean().MoveToOuterDisposeScope();
    }

    // Where two images are mixed, a loss that asks for the true class is told the one with the larger share.
    public override LogitRows Rows(ModelOutput outputs, Tensor teacher, ClassTargets targets) =>
        new(outputs.Logits, teacher, targets.Foremost());

    public override IReadOnlyList<ClassPrediction> Predict(ModelOutput outputs, Batch batch)
    {
        using var scope = torch.NewDisposeScope();
        var (values, indices) = outputs.Logits.softmax(1).max(1);
        return [.. indices.cpu().data<long>().ToArray().Zip(
            values.cpu().data<float>().ToArray(), (index, share) => new ClassPrediction((int)index, share))];
    }

    public override IMeter NewMeter() => new ClassMeter(this);

    // A set that is read as it is asked for is looked at batch by batch.
    public override void RequireTrainable(int batchSize)
    {
        var sets = new[] { Data.Train, Data.Validation, Data.Test }.OfType<SampleSet>();
        foreach (var set in sets.Where(set => set.IsInMemory && set.IsLabeled))
        {
            for (var i = 0; i < set.Count; i++)
            {
                RequireClass(((ClassIndex)set.Load(i).Target).Index, $"image {i} of {set.Name}");
            }
        }
    }

    // Of what is in memory, for the others are not read twice.
    public override IReadOnlyList<string> Remarks() =>
    [
        .. new[] { ("training", Data.Train), ("validation", Data.Validation), ("test", Data.Test) }
            .Where(split => split.Item2 is { IsInMemory: true, IsLabeled: true })
            .Select(split => (Name: split.Item1, Only: OnlyClass(split.Item2!)))
            .Where(split => split.Only is not null)
            .Select(split => $"Classification: every {split.Name} image of {Data.Name} is of one class, "
                + $"{Data.ClassNames[split.Only!.Value]}."),
        .. new[] { Data.Train, Data.Validation, Data.Test }.OfType<SampleSet>().Where(set => set.LeftOut.Count > 0)
            .Select(set => $"{set.Name}: {set.LeftOut.Count} image(s) cannot be read and are left out: {NameList.Capped(set.LeftOut)}."),
    ];

    private static int? OnlyClass(SampleSet set)
    {
        var first = ((ClassIndex)set.Load(0).Target).Index;
        var same = Enumerable.Range(1, set.Count - 1).All(i => ((ClassIndex)set.Load(i).Target).Index == first);
        return same ? first : null;
    }

    public override DataSummary Summarize(CancellationToken cancellation = default)
    {
        var columns = new List<DataFrameColumn> { new StringDataFrameColumn("class", Data.ClassNames) };
        foreach (var (name, set) in new[] { ("train", Data.Train), ("validation", Data.Validation), ("test", Data.Test) })
        {
            if (set is { IsLabeled: true })
            {
                columns.Add(new Int32DataFrameColumn(name, Counts(set, cancellation)));
            }
        }

        return new DataSummary(new DataFrame(columns), []);
    }

    private ClassTargets InRange(ClassTargets targets)
    {
        if (targets.Range is var (lowest, highest))
        {
            RequireClass(lowest, "an image of a batch");
            RequireClass(highest, "an image of a batch");
        }

        return targets;
    }

    private void RequireClass(long label, string what)
    {
        if (label < 0 || label >= Outputs)
        {
            throw new KdException(
                $"Classification: {what} has the class {label}; the {Outputs} classes of {Data.Name} are 0 to "
                + $"{Outputs - 1}.");
        }
    }

    protected override ClassTargets BlankTargets(int images) => new(torch.zeros(images, dtype: torch.int64));

    private static int[] Counts(SampleSet set, CancellationToken cancellation)
    {
        var counts = new int[set.ClassNames.Count];
        for (var i = 0; i < set.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            counts[((ClassIndex)set.TargetOf(i)).Index]++;
        }

        return counts;
    }

    /// <summary>Top-1 accuracy, mean cross-entropy and the confusion of classes.</summary>
    private sealed class ClassMeter(ClassificationTask task) : IMeter
    {
        private readonly List<int> truth = [], guesses = [];
        private double loss;

        public void Add(IOutputs outputs, Batch batch)
        {
            using var scope = torch.NewDisposeScope();
            var (logits, labels) = (task.Known(outputs).Logits, task.InRange(task.Known(batch.Targets)).Labels);
            truth.AddRange(labels.cpu().data<long>().ToArray().Select(label => (int)label));
            guesses.AddRange(logits.argmax(1).cpu().data<long>().ToArray().Select(label => (int)label));
            loss += functional.cross_entropy(logits, labels, reduction: nn.Reduction.Sum).item<float>();
        }

        public Score Result()
        {
            var confusion = Metrics.ConfusionMatrix.Of(task.Data.ClassNames, truth, guesses);
            return new Score(confusion.Accuracy, loss / truth.Count)
            {
                Classes = [.. Enumerable.Range(0, confusion.ClassNames.Count).Select(confusion.ClassAccuracy)],
                Confusion = confusion,
            };
        }
    }
}
