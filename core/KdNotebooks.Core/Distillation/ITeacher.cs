using KdNotebooks.Data;

namespace KdNotebooks.Distillation;

/// <summary>Where a teacher's outputs come from: a live pass, or a cache of earlier ones.</summary>
public interface ITeacher : IDisposable
{
    /// <summary>The module paths it gives; <see cref="TapSet.Output"/> is the logits.</summary>
    IReadOnlyList<string> Paths { get; }

    /// <summary>What a student must know of the outputs before it is held to them.</summary>
    TeacherMaps Maps { get; }

    /// <summary>The outputs for a batch, by path; they belong to the dispose scope of the caller.</summary>
    /// <param name="batch">On the device; its keys say which samples in which view, for a cache.</param>
    IReadOnlyDictionary<string, Tensor> Features(Batch batch);
}
