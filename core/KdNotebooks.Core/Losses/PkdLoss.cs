using KdNotebooks.Aligners;
using KdNotebooks.Invariants;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Losses;

/// <summary>
/// One minus the correlation of student and teacher, channel by channel: both are standardized over images and
/// positions, then half their mean squared difference. Cao et al. 2022 (arXiv:2207.02039), as mmrazor's pkd_loss.py
/// computes it.
/// </summary>
/// <remarks>
/// <para>
/// The standard deviation is the unbiased one, and 1e-6 is added to it: a channel that is the same everywhere becomes
/// 0. So a channel's part is (1 - r) (n - 1) / n for n = N H W numbers, up to that 1e-6. The gradient of a channel that
/// hardly varies is as large as 1 over its deviation.
/// </para>
/// <para>
/// A student's map of another size is brought to the teacher's by bilinear interpolation without aligned corners. The
/// paper needs no aligner: both detectors have pyramids of the same channels.
/// </para>
/// </remarks>
[About("½ mean (F̂_s − F̂_t)², F̂ standardized per channel over N H W", "Cao et al. 2022, arXiv:2207.02039",
    Claim.Distance | Claim.ChannelAffine | Claim.Pinned | Claim.ChannelsRepeated | Claim.DegreeZero,
    Weight = "6 (Faster R-CNN), 10 (RetinaNet), on FPN levels")]
public sealed record PkdLoss : IFeatureLoss
{
    private const double Epsilon = 1e-6;

    public string Name => "pkd";

    public MapFit Fit => MapFit.SameChannels;

    public Idle? IdleFor(FeatureShape student, FeatureShape teacher, int images) =>
        images * teacher.Height * teacher.Width == 2
            ? new Idle("PkdLoss standardizes each channel over images and positions, and of two numbers one becomes + "
                + "and the other -, whatever they are. Take larger batches, or a larger map.")
            : null;

    // student: [N, C, H, W], teacher: [N, C, H', W'] -> scalar
    public Tensor Compute(Tensor student, Tensor teacher)
    {
        Shape.RequireSameChannels(nameof(PkdLoss), student, teacher);
        long[] size = [teacher.shape[2], teacher.shape[3]];
        if (teacher.shape[0] * size[0] * size[1] < 2)
        {
            throw new KdException(
                $"PkdLoss: teacher {Shape.Text(teacher)} has one number in each channel; a correlation needs at "
                + "least 2 over images and positions.");
        }

        using var scope = torch.NewDisposeScope();
        var type = Numerics.AtLeastSingle(student.dtype);
        var (ours, theirs) = (student.to(type), teacher.detach().to(type));
        var resized = student.shape.SequenceEqual(teacher.shape) ? ours : functional.interpolate(
            ours, size: size, mode: torch.InterpolationMode.Bilinear, align_corners: false);
        var loss = functional.mse_loss(Standardized(resized), Standardized(theirs), nn.Reduction.Mean) / 2;
        return loss.to(student.dtype).MoveToOuterDisposeScope();
    }

    // [N, C, H, W] -> the same, each channel with mean 0 and deviation 1
    private static Tensor Standardized(Tensor map)
    {
        long[] all = [0, 2, 3];
        return (map - map.mean(all, keepdim: true)) / (map.std(all, unbiased: true, keepdim: true) + Epsilon);
    }
}
