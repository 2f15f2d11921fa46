using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Distillation;

/// <summary>Refuses a student that is its own teacher, whole or in part.</summary>
/// <remarks>
/// A teacher is frozen and folded when it is built: what it shares with a student would learn nothing, and say nothing.
/// </remarks>
internal static class SharedModel
{
    /// <param name="teacher">Null where nothing is known but shapes.</param>
    /// <exception cref="KdException">The two have a model, a weight or a statistic in common.</exception>
    public static void Refuse(Module student, Module? teacher)
    {
        if (teacher is null)
        {
            return;
        }

        if (ReferenceEquals(student, teacher))
        {
            throw new KdException(
                $"{student.GetName()}: one and the same model is student and teacher; a teacher is frozen, so the "
                + "student would not learn. Build another, and load the teacher's weights into it.");
        }

        var theirs = new HashSet<object>(Tensors(teacher).SelectMany(entry => Keys(entry.Tensor)));
        var shared = Tensors(student).FirstOrDefault(entry => Keys(entry.Tensor).Any(theirs.Contains));
        if (shared.Tensor is not null)
        {
            throw new KdException(
                $"{student.GetName()}: '{shared.Name}' belongs to the student and to its teacher; a teacher is frozen, "
                + "so it would not learn. Give each its own: build another, and copy the weights.");
        }
    }

    private static IEnumerable<(string Name, Tensor Tensor)> Tensors(Module module) => module.named_parameters()
        .Select(entry => (entry.name, (Tensor)entry.parameter))
        .Concat(module.named_buffers().Select(entry => (entry.name, entry.buffer)));

    // The tensor itself; and where its numbers lie, for another may be a view of them.
    private static IEnumerable<object> Keys(Tensor tensor) => tensor.dtype == torch.float32 && tensor.numel() > 0
        ? [tensor.Handle, (tensor.device.ToString(), Place(tensor))]
        : [tensor.Handle];

    private static IntPtr Place(Tensor tensor)
    {
        using var plain = tensor.detach();
        return plain.storage<float>().data_ptr();
    }
}
