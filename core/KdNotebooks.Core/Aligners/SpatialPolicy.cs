using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Aligners;

/// <summary>How a student's map of another height and width is brought to the teacher's; never silently.</summary>
public enum SpatialPolicy
{
    /// <summary>Sizes must be equal: the default.</summary>
    None,

    /// <summary>Bilinear interpolation without aligned corners, to a larger or smaller map; nothing to learn.</summary>
    Resize,

    /// <summary>
    /// A learned convolution that keeps the channels: 3x3 with stride 2 where the student's map is twice as large (or
    /// one less: 7 to 4), a transposed 4x4 with stride 2 where it is half as large, else a valid one of kernel
    /// 1 + s - t. The sizes are those of cloak-s/FDD, CWT.py, which also changes the channels there; here the aligner
    /// does.
    /// </summary>
    StridedConv,

    /// <summary>Adaptive average pooling, to a smaller map only; nothing to learn.</summary>
    Pool,

    /// <summary>
    /// Both maps become their means over all positions, [N, C, 1, 1], before the aligner: for methods that compare
    /// pooled features.
    /// </summary>
    Global,
}

/// <summary>What <see cref="SpatialPolicy"/> does.</summary>
internal static class SpatialPolicies
{
    /// <summary>
    /// What is learned: a module from [N, C_s, H_s, W_s] to [N, C_s, H_t, W_t]; null where nothing is.
    /// </summary>
    /// <exception cref="KdException">The sizes differ and the policy does not say what to do, or cannot.</exception>
    public static Module<Tensor, Tensor>? Build(SpatialPolicy policy, FeatureShape student, FeatureShape teacher)
    {
        if (policy == SpatialPolicy.Global || student.SameSize(teacher))
        {
            return null;
        }

        return policy switch
        {
            SpatialPolicy.Resize => null,
            SpatialPolicy.Pool when student.Height >= teacher.Height && student.Width >= teacher.Width => null,
            SpatialPolicy.StridedConv => Convolution(student, teacher),
            SpatialPolicy.None => throw Mismatch(student, teacher, "no spatial policy was given",
                "Choose one: Resize (bilinear), Pool (to a smaller map), StridedConv (learned) or Global (both to 1 x 1)"),
            _ => throw Mismatch(student, teacher, $"{policy} only makes maps smaller", "Use Resize or StridedConv"),
        };
    }

    /// <summary>
    /// The student's map at the teacher's size, whatever the two are in this batch; the caller's scope owns it.
    /// </summary>
    /// <param name="learned">From <see cref="Build"/>.</param>
    /// <exception cref="KdException">The policy cannot bring them together.</exception>
    public static Tensor Fit(SpatialPolicy policy, Module<Tensor, Tensor>? learned, Tensor student, Tensor teacher)
    {
        if (policy == SpatialPolicy.Global)
        {
            return functional.adaptive_avg_pool2d(student, 1);
        }

        var map = learned?.call(student) ?? student.alias();
        var (height, width) = (teacher.shape[2], teacher.shape[3]);
        if (map.shape[2] == height && map.shape[3] == width)
        {
            return map;
        }

        using (map)
        {
            return policy switch
            {
                SpatialPolicy.Resize => functional.interpolate(
                    map, size: [height, width], mode: torch.InterpolationMode.Bilinear, align_corners: false),
                SpatialPolicy.Pool when map.shape[2] >= height && map.shape[3] >= width =>
                    functional.adaptive_avg_pool2d(map, [height, width]),
                _ => throw Mismatch(
                    FeatureShape.Of(student), FeatureShape.Of(teacher),
                    $"the policy {policy} does not bring them together in this batch", "Use Resize"),
            };
        }
    }

    private static Module<Tensor, Tensor> Convolution(FeatureShape s, FeatureShape t)
    {
        if ((s.Height + 1) / 2 == t.Height && (s.Width + 1) / 2 == t.Width)
        {
            return Conv2d(s.Channels, s.Channels, 3, 2, 1);
        }

        if (s.Height * 2 == t.Height && s.Width * 2 == t.Width)
        {
            return ConvTranspose2d(s.Channels, s.Channels, 4, 2, 1);
        }

        return s.Height >= t.Height && s.Width >= t.Width
            ? Conv2d(s.Channels, s.Channels, (1 + s.Height - t.Height, 1 + s.Width - t.Width))
            : throw Mismatch(s, t, "StridedConv enlarges by a factor of 2 only", "Use Resize");
    }

    private static KdException Mismatch(FeatureShape student, FeatureShape teacher, string why, string instead) => new(
        $"The student's map {student} and the teacher's {teacher} (channels, height, width) differ in size, and {why}. "
        + $"{instead}.");
}
