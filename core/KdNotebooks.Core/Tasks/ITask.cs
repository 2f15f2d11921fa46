using KdNotebooks.Data;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tasks;

/// <summary>
/// What students are trained for, on one dataset: what its targets are, what is learned by, how it is judged, and how a
/// prediction is shown. Everything else in this library knows tasks by this interface alone; see docs/add-a-task.md.
/// </summary>
public interface ITask
{
    /// <summary>What a recipe names it by.</summary>
    ITaskSpec Spec { get; }

    Dataset Data { get; }

    /// <summary>Of training images.</summary>
    IAugmentation Augmentation { get; }

    /// <summary>[C, H, W] of one image as training sees it; of the first where sizes vary.</summary>
    IReadOnlyList<long> Image { get; }

    /// <summary>How many logits a model has. The default is one a class of the data.</summary>
    int Outputs => Data.ClassNames.Count;

    /// <summary>What guessing gives at most of the headline metric, in its unit.</summary>
    double Chance { get; }

    /// <summary>The best there can be of the headline metric, in its unit. The default is 100.</summary>
    double Perfect => 100;

    /// <summary>What <see cref="Score.Classes"/> holds: "images of the class recognized".</summary>
    string ClassMeasure { get; }

    /// <summary>How many images are evaluated at once.</summary>
    EvaluationLimits Limits { get; }

    /// <summary>
    /// Of what height and width of every batch are multiples; smaller images are padded at the right and the bottom. The
    /// default is 1.
    /// </summary>
    int Stride => 1;

    /// <summary>Images and targets of the right shape, all blank, to try a network on.</summary>
    Batch Blank(int images);

    /// <summary>What is learned by: each term a scalar, not yet weighted by the recipe's task weight.</summary>
    IReadOnlyList<LossTerm> Loss(IOutputs outputs, ITargets targets);

    /// <summary>
    /// The logits of a student and a teacher, row by row, for losses of logits; null where the task has none.
    /// </summary>
    /// <param name="outputs">The student's.</param>
    /// <param name="teacher">The teacher's output, as a tap at "" gives it.</param>
    LogitRows? Rows(IOutputs outputs, Tensor teacher, ITargets targets);

    /// <summary>What a network gives for whole images in evaluation. The default is its forward pass.</summary>
    IOutputs Infer(INetwork network, Batch batch) => network.Forward(batch);

    /// <summary>What the outputs say of each image of the batch, in its order; values in managed memory.</summary>
    IReadOnlyList<IPrediction> Predict(IOutputs outputs, Batch batch);

    /// <summary>Counts batches of one split, for one network.</summary>
    IMeter NewMeter();

    /// <summary>How images, truth and predictions are shown.</summary>
    IPictures Pictures { get; }

    /// <summary>
    /// Refuses, before training, what would stop it later: images that do not fit into one batch, labels that nobody can
    /// learn from. The default refuses nothing.
    /// </summary>
    /// <exception cref="KdException">Says what is wrong, and what to do.</exception>
    void RequireTrainable(int batchSize)
    {
    }

    /// <summary>
    /// What should be known before training and stops nothing, a line each: a split with one class alone. The default is
    /// none.
    /// </summary>
    IReadOnlyList<string> Remarks() => [];

    /// <summary>What there is of each class in each split, for who looks at the data.</summary>
    DataSummary Summarize(CancellationToken cancellation = default);
}

/// <summary>Logits of a student and a teacher, side by side.</summary>
/// <param name="Student">[M, K]; gradients flow into it.</param>
/// <param name="Teacher">[M, K].</param>
/// <param name="Labels">[M] int64, the true classes; [0] where the images have none.</param>
public sealed record LogitRows(Tensor Student, Tensor Teacher, Tensor Labels);

/// <summary>What one network says of one image: a class, a label map, boxes. A value; its task knows more.</summary>
public interface IPrediction;

/// <summary>Adds up what a score is made of, batch by batch.</summary>
public interface IMeter
{
    /// <summary>Called in inference mode; keeps no tensor.</summary>
    void Add(IOutputs outputs, Batch batch);

    Score Result();
}

/// <summary>
/// A task without its data, as a recipe names it. A value: it round-trips through JSON and takes part in a recipe's
/// hash.
/// </summary>
public interface ITaskSpec
{
    /// <summary>Augmentation that suits it where a recipe says nothing else.</summary>
    IAugmentation UsualAugmentation { get; }

    /// <summary>Methods worth comparing first, the baseline first. The default suits tasks with logits.</summary>
    IReadOnlyList<string> UsualMethods => ["none", "paper", "kd", "at"];

    /// <summary>Whether the dataset's targets are of its kind.</summary>
    bool Fits(Dataset data);

    /// <exception cref="KdException">
    /// The data or the augmentation is of another kind, or an option is out of its range.
    /// </exception>
    ITask On(Dataset data, IAugmentation augmentation);
}
