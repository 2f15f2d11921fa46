using KdNotebooks.Aligners;
using KdNotebooks.Distillation;

namespace KdNotebooks.Methods;

/// <summary>Where a recipe compares maps: its connections, or without any the stages of its review.</summary>
internal static class Places
{
    /// <summary>May be empty. A stage has no aligner of its own: a linear one stands there.</summary>
    public static IReadOnlyList<Connection> Of(Guidance guidance) =>
        guidance is { Connections.Count: 0, Fused: { } fused }
        ? [.. fused.Stages.Select(stage => new Connection(
            stage.Student, stage.Teacher, new Linear(), fused.Loss, fused.Alpha, WarmUp: fused.WarmUp))]
        : guidance.Connections;
}
