using KdNotebooks.Data;
using KdNotebooks.Losses;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Distillation;

/// <summary>A loss between two aligned maps, with what it looks at beside them.</summary>
internal static class MapTerm
{
    /// <summary>
    /// Where images are padded, positions outside of them are 0 on both sides, and so are their scores; a mean is one over
    /// the images' positions.
    /// </summary>
    /// <param name="built">What an <see cref="IBuiltLoss"/> built; null: the loss itself.</param>
    /// <param name="padding">Null where every image fills the batch, or maps are pooled.</param>
    /// <param name="scores">[N, 1, h, w], brought to the maps' size; null where there are none.</param>
    /// <returns>A scalar, not weighted; the caller's dispose scope owns it, and what is made on the way.</returns>
    public static Tensor Of(
        IFeatureLoss loss, Module<Tensor, Tensor, Tensor>? built, Tensor student, Tensor teacher, Batch batch,
        Padding? padding, Tensor? scores = null)
    {
        if (padding is not null)
        {
            (student, teacher) = (padding.Clear(student), padding.Clear(teacher));
        }

        var value = (built, loss) switch
        {
            (ITargetCriterion seeing, _) => loss.Guard(
                student, teacher, (ours, theirs) => seeing.Compute(ours, theirs, batch.Targets, batch.Sizes)),
            ({ } module, _) => loss.Guard(student, teacher, module.call),
            (null, ITargetLoss seeing) => loss.Guard(
                student, teacher, (ours, theirs) => seeing.Compute(ours, theirs, batch.Targets, batch.Sizes)),
            (null, IScoredLoss scored) when scores is not null || padding is not null => loss.Guard(
                student, teacher, (ours, theirs) => scored.Compute(ours, theirs, Weights(theirs, padding, scores))),
            _ => loss.Guard(student, teacher),
        };
        return padding is not null && loss is IReducible { Reduction: Losses.Reduction.Mean }
            ? value * padding.Excess(teacher.shape[2], teacher.shape[3])
            : value;
    }

    private static Tensor Weights(Tensor map, Padding? padding, Tensor? scores)
    {
        var weights = scores is null
            ? torch.ones([map.shape[0], 1, map.shape[2], map.shape[3]], dtype: map.dtype, device: map.device)
            : ScorePath.Fit(scores, map);
        return padding?.Clear(weights) ?? weights;
    }
}
