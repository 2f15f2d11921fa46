using KdNotebooks.Data;

namespace KdNotebooks.Models;

/// <summary>
/// A map that a network does not have by itself: made of some of its maps, at places that its student chose in the same
/// batch. So a student whose features are of parts of images is held to a teacher's features of the very same parts.
/// </summary>
/// <remarks>The teacher goes no deeper than its sources, and a cache holds them and nothing else.</remarks>
public interface IDerivedMap
{
    /// <summary>Module paths of the maps that it is made of.</summary>
    IReadOnlyList<string> Sources { get; }

    /// <summary>The shape of one part.</summary>
    /// <param name="sources">[C, H, W] each, of one image.</param>
    long[] Shape(IReadOnlyList<long[]> sources);

    /// <summary>The parts, in the order in which the student has its own; without gradient.</summary>
    /// <param name="sources">[N, C, H, W] each.</param>
    /// <param name="student">What the student gave for the batch.</param>
    /// <returns>[R, ...]; the caller's dispose scope owns it.</returns>
    /// <exception cref="Runtime.KdException">The student chooses no places.</exception>
    Tensor Make(IReadOnlyList<Tensor> sources, IOutputs student, Batch batch);
}
