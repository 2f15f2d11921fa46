using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Models;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tasks;

/// <summary>What students are trained for, on one dataset: batches to learn from, a loss, and a score.</summary>
public interface ITask
{
    /// <summary>What a recipe names it by.</summary>
    ITaskSpec Spec { get; }

    IDataset Data { get; }

    IAugmentation Augmentation { get; }

    /// <summary>[C, H, W] of one image as training sees it.</summary>
    IReadOnlyList<long> Image { get; }

    /// <summary>What guessing gives at most of the headline metric, in percent.</summary>
    double Chance { get; }

    /// <summary>The training images, augmented, in full batches.</summary>
    /// <param name="seed">Of the order, and of the augmentation where that has none of its own.</param>
    /// <exception cref="Runtime.KdException">The images do not fit into one batch.</exception>
    IBatchLoader Loader(int batchSize, long seed);

    /// <summary>The training images in their order, in any view: what teacher features are kept for.</summary>
    /// <param name="seed">Of the augmentation.</param>
    IAugmentedImages Views(long seed);

    /// <summary>Labels of the right shape, all of class 0, to try a model on.</summary>
    Tensor BlankLabels(int images);

    /// <summary>What is learned by: each term a scalar, not yet weighted by the recipe's task weight.</summary>
    /// <param name="labels">int64, [N] or [N, H, W].</param>
    IReadOnlyList<LossTerm> Loss(ModelOutput output, Tensor labels);

    /// <summary>
    /// Scores several models in one pass over the images; they are put in evaluation mode and left there.
    /// </summary>
    /// <param name="split">"validation" or "test".</param>
    /// <exception cref="Runtime.KdException">There is no such split, or it has no labels.</exception>
    IReadOnlyList<Score> Evaluate(
        IReadOnlyList<Module<Tensor, Tensor>> models, string split, torch.Device device,
        CancellationToken cancellation = default);
}

/// <summary>
/// A task without its data, as a recipe names it. A value: it round-trips through JSON and takes part in a recipe's
/// hash.
/// </summary>
public interface ITaskSpec
{
    /// <exception cref="Runtime.KdException">
    /// The data or the augmentation is of another kind, or an option is out of its range.
    /// </exception>
    ITask On(IDataset data, IAugmentation augmentation);
}
