using KdNotebooks.Runtime;

namespace KdNotebooks.Metrics;

/// <summary>
/// Mean intersection over union, pixel accuracy and mean accuracy from one confusion matrix, which is accumulated in
/// 64-bit integers: the order and size of batches change nothing. Long, Shelhamer and Darrell 2015 (arXiv:1411.4038),
/// section 5.
/// </summary>
/// <param name="classes">How many; labels are 0 to classes - 1. At least 2.</param>
/// <param name="ignored">
/// The truth of pixels that are not counted, whatever is predicted there. The default value is 255.
/// </param>
public sealed class MeanIou(int classes, int ignored = MeanIou.Ignored)
{
    /// <summary>The usual label of a pixel that is neither trained on nor counted.</summary>
    public const int Ignored = 255;

    private readonly long[] _counts = new long[RequireClasses(classes) * classes];

    /// <summary>How many classes.</summary>
    public int Classes { get; } = classes;

    /// <summary>Pixels of one class in truth that were predicted as another, or as the same.</summary>
    public long this[int truth, int prediction]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)truth, (uint)Classes, nameof(truth));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)prediction, (uint)Classes, nameof(prediction));
            return _counts[(truth * Classes) + prediction];
        }
    }

    /// <summary>Counts the pixels of a batch.</summary>
    /// <param name="prediction">[N, H, W] or [H, W], int64 or uint8: the class of each pixel.</param>
    /// <param name="truth">The same shape, int64 or uint8.</param>
    /// <exception cref="KdException">
    /// Shapes that differ, another type, or a label outside the classes; nothing of the batch is counted then. What is
    /// predicted where the truth is ignored may be anything.
    /// </exception>
    public void Add(Tensor prediction, Tensor truth)
    {
        RequireLabels(prediction, nameof(prediction));
        RequireLabels(truth, nameof(truth));
        if (!prediction.shape.SequenceEqual(truth.shape))
        {
            throw new KdException(
                $"MeanIou: predictions [{string.Join(", ", prediction.shape)}] and truth "
                + $"[{string.Join(", ", truth.shape)}] differ in shape; bring predictions to the truth's size first.");
        }

        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var counted = truth.ne(ignored);
        var (row, column) = (Counted(truth, counted, "truth"), Counted(prediction, counted, "prediction"));
        var cells = ((row * Classes) + column).bincount(null, _counts.Length).cpu().data<long>();
        for (var cell = 0; cell < _counts.Length; cell++)
        {
            _counts[cell] += cells[cell];
        }
    }

    /// <summary>Adds what another one counted, for example of the other half of the images.</summary>
    /// <exception cref="KdException">It has another number of classes.</exception>
    public void Merge(MeanIou other)
    {
        if (other.Classes != Classes)
        {
            throw new KdException($"MeanIou: {other.Classes} classes cannot be added to {Classes}; expected as many.");
        }

        for (var cell = 0; cell < _counts.Length; cell++)
        {
            _counts[cell] += other._counts[cell];
        }
    }

    /// <summary>The numbers of what was counted so far.</summary>
    public MeanIouResult Result() => MeanIouResult.Of(_counts, Classes);

    /// <summary>What was counted so far, with names: in pixels.</summary>
    /// <param name="classNames">One a class.</param>
    public ConfusionMatrix Confusion(IReadOnlyList<string> classNames) =>
        ConfusionMatrix.OfCounts(classNames, _counts, "pixel");

    // [N, H, W] -> [pixels that count], int64
    private Tensor Counted(Tensor labels, Tensor counted, string what)
    {
        var kept = labels.masked_select(counted).to(torch.int64);
        if (kept.numel() > 0 && (kept.min().item<long>(), kept.max().item<long>()) is var (low, high)
            && (low < 0 || high >= Classes))
        {
            throw new KdException(
                $"MeanIou: label {(low < 0 ? low : high)} in the {what}; expected 0 to {Classes - 1}"
                + (what == "truth" ? $", or {ignored} for pixels that are not counted." : "."));
        }

        return kept;
    }

    private static void RequireLabels(Tensor labels, string what)
    {
        if (labels.dtype is not (torch.ScalarType.Int64 or torch.ScalarType.Byte))
        {
            throw new KdException(
                $"MeanIou: the {what} is of type {labels.dtype}; expected one class index a pixel, Int64 or Byte. "
                + "Take the argmax of logits first.");
        }
    }

    private static int RequireClasses(int classes) => classes >= 2 ? classes : throw new KdException(
        $"MeanIou: {classes} classes came; expected at least 2.");
}
