using KdNotebooks.Losses;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Distillation;

/// <summary>One term on one batch before any training: what it compares, and how.</summary>
/// <param name="Name">As in metrics.</param>
/// <param name="Weight">Beside the task loss, without a warm-up.</param>
/// <param name="Paths">Where the student's maps come from.</param>
/// <param name="Parts">What learns beside the student.</param>
/// <param name="Idle">What the loss itself says of these shapes.</param>
internal sealed record TermLook(
    string Name, double Weight, IReadOnlyList<string> Paths, IReadOnlyList<(string Name, Module Module)> Parts,
    Idle? Idle)
{
    /// <summary>The student's maps or logits, with the graph that made them.</summary>
    public required IReadOnlyList<Tensor> Student { get; init; }

    public required IReadOnlyList<Tensor> Teacher { get; init; }

    /// <summary>The loss between them, not weighted.</summary>
    public required Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>, Tensor> Loss { get; init; }

    /// <summary>Whether it may well be silent on one batch, for what is true of the images.</summary>
    public bool SeesTargets { get; init; }

    /// <summary>Whether there is anything to compare.</summary>
    public bool IsEmpty => Student.Any(map => map.numel() == 0);
}
