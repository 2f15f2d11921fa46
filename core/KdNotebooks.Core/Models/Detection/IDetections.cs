using KdNotebooks.Data;
using KdNotebooks.Losses;

namespace KdNotebooks.Models.Detection;

/// <summary>What a detector gives for a batch, of whatever build it is.</summary>
public interface IDetections : IOutputs
{
    /// <summary>What it is trained by, each term with its name; asked for after a pass in training mode.</summary>
    /// <param name="targets">The same that the pass was given.</param>
    /// <exception cref="Runtime.KdException">The pass was one of evaluation.</exception>
    IReadOnlyList<LossTerm> Losses(IBoxTargets targets);

    /// <summary>What it finds in each image, the surest first; after a pass in evaluation mode.</summary>
    /// <exception cref="Runtime.KdException">The pass was one of training.</exception>
    IReadOnlyList<FoundThings> Found { get; }
}

/// <summary>What was found in one image.</summary>
/// <param name="Boxes">[n, 4], left, top, right, bottom in pixels, within the image.</param>
/// <param name="Scores">[n], 0 to 1, descending.</param>
/// <param name="Classes">[n] int64, from 0.</param>
/// <param name="Masks">[n, 1, S, S], within each box how likely a position is of the thing; null without masks.</param>
public sealed record FoundThings(Tensor Boxes, Tensor Scores, Tensor Classes, Tensor? Masks = null)
{
    /// <summary>The same, owned by the caller's dispose scope.</summary>
    internal FoundThings Moved() => new(
        Boxes.MoveToOuterDisposeScope(), Scores.MoveToOuterDisposeScope(), Classes.MoveToOuterDisposeScope(),
        Masks?.MoveToOuterDisposeScope());
}

/// <summary>Which of a detector's boxes are given out.</summary>
/// <param name="Score">The least score. The default value is torchvision's 0.05.</param>
/// <param name="Overlap">
/// The intersection over union above which the less sure of two boxes of a class is dropped. The default value is 0.5.
/// </param>
/// <param name="Candidates">
/// How many boxes of a level are looked at (one-stage detectors). The default value is 1000.
/// </param>
/// <param name="Things">How many boxes an image has at most. The default value is COCO's 100.</param>
public sealed record DetectionLimits(double Score = 0.05, double Overlap = 0.5, int Candidates = 1000, int Things = 100)
{
    /// <exception cref="Runtime.KdException">A limit is out of its range.</exception>
    internal void RequireSound()
    {
        if (Score is not (>= 0 and < 1) || Overlap is not (> 0 and <= 1) || Candidates < 1 || Things < 1)
        {
            throw new Runtime.KdException(
                $"Detection: {this}; expected a score from 0 up to below 1, an overlap above 0 and up to 1, and counts of at "
                + "least 1.");
        }
    }
}
