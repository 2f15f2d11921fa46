using static TorchSharp.torch.nn;

namespace KdNotebooks.Aligners;

/// <summary>
/// What brings a student's map into the teacher's channel space. The options are a value (they round-trip through JSON
/// and take part in a recipe's hash); <see cref="Build"/> makes the trainable module.
/// </summary>
/// <remarks>
/// Height and width are none of its business: a <see cref="SpatialPolicy"/> brings those together first.
/// </remarks>
public interface IAligner
{
    /// <summary>Its name in tables: "linear", "mlp-1".</summary>
    string Name { get; }

    /// <summary>A module from [N, C_s, H, W] to [N, C_t, H, W], with weights drawn from torch's generator.</summary>
    /// <exception cref="Runtime.KdException">It cannot take these channels, or an option is out of range.</exception>
    Module<Tensor, Tensor> Build(long studentChannels, long teacherChannels);
}
