using KdNotebooks.Data;

namespace KdNotebooks.Distillation;

/// <summary>Where a teacher's outputs come from: a live pass, or a cache of earlier ones.</summary>
public interface ITeacher : IDisposable
{
    /// <summary>The module paths it gives; <see cref="TapSet.Output"/> is the logits.</summary>
    IReadOnlyList<string> Paths { get; }

    /// <summary>The shape at each path for one image.</summary>
    IReadOnlyDictionary<string, long[]> Shapes { get; }

    /// <summary>The outputs for a batch, by path; they belong to the dispose scope of the caller.</summary>
    /// <param name="batch">Says which samples in which view: the key of a cache.</param>
    /// <param name="images">[N, C, H, W], the same batch on the device.</param>
    IReadOnlyDictionary<string, Tensor> Features(Batch batch, Tensor images);
}
