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

    /// <summary>Maps [N, C, H, W] of the same images; channels, height and width may differ.</summary>
    public static void RequireMaps(string loss, Tensor student, Tensor teacher)
    {
        if (student.dim() != 4 || teacher.dim() != 4 || student.shape[0] != teacher.shape[0])
        {
            throw new KdException(
                $"{loss}: student {Text(student)} and teacher {Text(teacher)} must be maps [N, C, H, W] of the same N "
                + "images.");
        }
    }

    /// <summary>Maps [N, C, H, W] of the same images with the same channels; height and width may differ.</summary>
    public static void RequireSameChannels(string loss, Tensor student, Tensor teacher)
    {
        RequireMaps(loss, student, teacher);
        if (student.shape[1] != teacher.shape[1])
        {
            throw new KdException(
                $"{loss}: student {Text(student)} and teacher {Text(teacher)} must have the same channels; "
                + "an aligner (Linear, ChannelMlp) brings them together.");
        }
    }

    /// <summary>
    /// Features [N, D], or maps [N, C, H, W], of the same images; a map's feature is its spatial mean, [N, C].
    /// </summary>
    /// <param name="sameSize">Whether D must be the same.</param>
    /// <param name="images">How many images the loss needs at least.</param>
    public static void RequireFeatures(string loss, Tensor student, Tensor teacher, bool sameSize, int images = 1)
    {
        if (student.dim() is not (2 or 4) || teacher.dim() is not (2 or 4) || student.shape[0] != teacher.shape[0])
        {
            throw new KdException(
                $"{loss}: student {Text(student)} and teacher {Text(teacher)} must be features [N, D] or maps "
                + "[N, C, H, W] of the same N images.");
        }

        if (sameSize && student.shape[1] != teacher.shape[1])
        {
            throw new KdException(
                $"{loss}: student {Text(student)} and teacher {Text(teacher)} must have the same channels; "
                + "an aligner (Linear, ChannelMlp) brings them together.");
        }

        if (student.shape[0] < images)
        {
            throw new KdException(
                $"{loss}: student {Text(student)} and teacher {Text(teacher)} are {student.shape[0]} image(s); it "
                + $"compares images with each other and needs at least {images}.");
        }
    }

    /// <summary>The labels of N images with K classes.</summary>
    public static void RequireLabels(string loss, Tensor logits, Tensor labels)
    {
        if (labels.dim() != 1 || labels.shape[0] != logits.shape[0] || labels.dtype != torch.int64)
        {
            throw new KdException(
                $"{loss}: logits {Text(logits)} and labels {Text(labels)} of {labels.dtype}; expected labels [N] of "
                + "int64, one class for each image.");
        }
    }

    /// <summary>The spatial mean [N, C] of a map; features [N, D] as they are. It belongs to the caller's scope.</summary>
    public static Tensor Pooled(Tensor features) => features.dim() == 4 ? features.mean([2, 3]) : features.alias();

    /// <summary>The same in single precision where the features are in half: they are few, and differences matter.</summary>
    public static Tensor PooledPrecisely(Tensor features)
    {
        var type = Numerics.AtLeastSingle(features.dtype);
        return features.dim() == 4 ? features.mean([2, 3], type: type) : features.to(type).alias();
    }

    /// <summary>
    /// Both maps at the smaller of their heights and the smaller of their widths: what is larger is adaptively
    /// average-pooled. They belong to the caller's scope.
    /// </summary>
    public static (Tensor Student, Tensor Teacher) Smaller(Tensor student, Tensor teacher)
    {
        var height = Math.Min(student.shape[2], teacher.shape[2]);
        var width = Math.Min(student.shape[3], teacher.shape[3]);
        return (Pool(student), Pool(teacher));

        Tensor Pool(Tensor map) => map.shape[2] == height && map.shape[3] == width
            ? map.alias()
            : nn.functional.adaptive_avg_pool2d(map, (height, width));
    }

    public static string Text(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";
}
