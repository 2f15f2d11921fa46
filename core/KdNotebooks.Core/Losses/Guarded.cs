using KdNotebooks.Aligners;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Losses;

/// <summary>
/// Calls losses that anybody may have written: what they throw is said with the loss's name and both shapes, and what
/// they give must be one number.
/// </summary>
internal static class Guarded
{
    /// <summary>
    /// What a loss is for a connection: a module where it is built for one, null where it is a function.
    /// </summary>
    /// <exception cref="KdException">It cannot be built for these maps.</exception>
    public static Module<Tensor, Tensor, Tensor>? BuildGuarded(
        this IFeatureLoss loss, FeatureShape student, FeatureShape teacher, ChannelStatistics? norm)
    {
        try
        {
            return (loss as IBuiltLoss)?.Build(student, teacher, norm);
        }
        catch (Exception error) when (error is not (KdException or OperationCanceledException))
        {
            throw new KdException(
                $"loss '{loss.Name}': to be built for student {student} and teacher {teacher} (channels, height, "
                + "width): " + Failure.Line(error), error);
        }
    }

    /// <param name="built">What an <see cref="IBuiltLoss"/> built; null: the loss itself.</param>
    /// <exception cref="KdException">The loss failed, or gave more than one number.</exception>
    public static Tensor Guard(
        this IFeatureLoss loss, Tensor student, Tensor teacher, Func<Tensor, Tensor, Tensor>? built = null) =>
        Guard("loss", loss.Name, student, teacher, () => (built ?? loss.Compute)(student, teacher));

    /// <exception cref="KdException">As for maps.</exception>
    public static Tensor Guard(this ILogitLoss loss, Tensor student, Tensor teacher, Tensor labels) =>
        Guard("logit loss", loss.Name, student, teacher, () => loss.Compute(student, teacher, labels));

    private static Tensor Guard(string role, string name, Tensor student, Tensor teacher, Func<Tensor> compute)
    {
        Tensor value;
        try
        {
            value = compute();
        }
        catch (Exception error) when (error is not (KdException or OperationCanceledException))
        {
            throw new KdException(
                $"{role} '{name}': student {Shape.Text(student)} and teacher {Shape.Text(teacher)}: "
                + Failure.Line(error), error);
        }

        return value is not null && value.numel() == 1 ? value : throw new KdException(
            $"{role} '{name}': student {Shape.Text(student)} and teacher {Shape.Text(teacher)}: it gave "
            + $"{(value is null ? "null" : Shape.Text(value))}; expected one number: end it with a mean or a sum.");
    }
}
