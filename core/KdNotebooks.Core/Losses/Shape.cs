using KdNotebooks.Runtime;

namespace KdNotebooks.Losses;

/// <summary>Shape checks with both shapes in the error.</summary>
internal static class Shape
{
    /// <param name="loss">Who asks, for the message.</param>
    /// <param name="axes">The expected axes: "N, C, H, W".</param>
    public static void RequireSame(string loss, Tensor student, Tensor teacher, string axes)
    {
        var rank = axes.Split(',').Length;
        if (student.dim() != rank || teacher.dim() != rank || !student.shape.SequenceEqual(teacher.shape))
        {
            throw new KdException(
                $"{loss}: student {Text(student)} and teacher {Text(teacher)} must have one shape [{axes}]; "
                + "an aligner brings channels together, a spatial policy height and width.");
        }
    }

    private static string Text(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";
}
