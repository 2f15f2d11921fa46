using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Aligners;

/// <summary>
/// Calls aligners that anybody may have written: what they throw is said with their name and the shapes.
/// </summary>
internal static class GuardedAligner
{
    /// <exception cref="KdException">It cannot be built for these channels.</exception>
    public static Module<Tensor, Tensor> BuildGuarded(this IAligner aligner, long ours, long theirs) => Guard(
        $"aligner '{aligner.Name}': from the student's {ours} channels to the teacher's {theirs}",
        () => aligner.Build(ours, theirs) ?? throw new KdException(
            $"aligner '{aligner.Name}': it gave no module (null); expected one from [N, {ours}, H, W] to "
            + $"[N, {theirs}, H, W]."));

    /// <summary>The student's map in the teacher's channels.</summary>
    /// <param name="align">The module that it built, with what brings the sizes together.</param>
    /// <param name="free">Whether the loss takes maps of any channels.</param>
    /// <exception cref="KdException">
    /// It failed, or gave something else than a map with the teacher's channels.
    /// </exception>
    public static Tensor Align(
        this IAligner aligner, Func<Tensor, Tensor> align, Tensor student, Tensor teacher, bool free)
    {
        var shapes = $"aligner '{aligner.Name}': student {Text(student)} and teacher {Text(teacher)}";
        var aligned = Guard(shapes, () => align(student));
        return aligner is Identity || free || (aligned.dim() == 4 && aligned.shape[1] == teacher.shape[1])
            ? aligned
            : throw new KdException(
                $"{shapes}: it gave {Text(aligned)}; expected a map with the teacher's {teacher.shape[1]} channels, as "
                + "its second number asks.");
    }

    private static T Guard<T>(string what, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception error) when (error is not (KdException or OperationCanceledException))
        {
            throw new KdException($"{what}: {Failure.Line(error)}", error);
        }
    }

    private static string Text(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";
}
