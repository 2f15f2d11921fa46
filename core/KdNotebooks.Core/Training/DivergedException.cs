using KdNotebooks.Runtime;

namespace KdNotebooks.Training;

/// <summary>A loss or its gradient became infinite or not a number; the run has stopped.</summary>
/// <param name="run">Which run.</param>
/// <param name="step">From 1, over the whole run.</param>
/// <param name="term">The first term that is not finite, or <see cref="Gradient"/>.</param>
/// <param name="checkpoint">The last good student; null where no epoch was finished.</param>
public sealed class DivergedException(string run, int epoch, int step, string term, double value, string? checkpoint)
    : KdException(
        $"{run}: {(term == Gradient ? "the gradient's norm" : $"the loss term '{term}'")} is {value} at step {step} "
        + $"(epoch {epoch}). The last good checkpoint is {checkpoint ?? "none, for no epoch was finished"}. Lower the "
        + "learning rate or the term's weight, or clip the gradient.")
{
    /// <summary>In place of a term's name, where every loss is finite and their gradient is not.</summary>
    public const string Gradient = "gradient";

    public int Step { get; } = step;

    public string Term { get; } = term;

    public string? Checkpoint { get; } = checkpoint;
}
