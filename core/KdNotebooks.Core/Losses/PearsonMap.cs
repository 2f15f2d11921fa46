using KdNotebooks.Invariants;
using KdNotebooks.Methods;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Losses;

/// <summary>
/// One minus the correlation of student and teacher, channel by channel: both are standardised over images and positions,
/// then half their mean squared difference. Cao et al. 2022 (arXiv:2207.02039), as mmrazor's pkd_loss.py computes it.
/// </summary>
/// <remarks>
/// <para>
/// The standard deviation is the unbiased one, and 1e-6 is added to it: a channel that is the same everywhere becomes 0.
/// So the value is (1 - r) (n - 1) / n for n = N H W numbers, up to that 1e-6.
/// </para>
/// <para>
/// A student's map of another size is brought to the teacher's by bilinear interpolation without aligned corners; the
/// paper's detectors need no aligner, as both have the same pyramid of 256 channels.
/// </para>
/// </remarks>
[Method("½ mean (F̂_s − F̂_t)², F̂ standardised per channel over N H W", "Cao et al. 2022, arXiv:2207.02039",
    Claim.Distance | Claim.ChannelAffine, Weight = "6 (Faster R-CNN), 10 (RetinaNet), on FPN levels")]
public sealed record PearsonMap : IFeatureLoss
{
    private const double Epsilon = 1e-6;

    public string Name => "pkd";

    public MapFit Fit => MapFit.SameChannels;

    // student: [N, C, H, W], teacher: [N, C, H', W'] -> scalar
    public Tensor Compute(Tensor student, Tensor teacher)
    {
        Shape.RequireSameChannels(nameof(PearsonMap), student, teacher);
        long[] size = [teacher.shape[2], teacher.shape[3]];
        if (teacher.shape[0] * size[0] * size[1] < 2)
        {
            throw new KdException(
                $"PearsonMap: teacher {Shape.Text(teacher)} has one number in each channel; a correlation needs at least "
                + "2 over images and positions.");
        }

        using var scope = torch.NewDisposeScope();
        var type = Numerics.AtLeastSingle(student.dtype);
        var (ours, theirs) = (student.to(type), teacher.detach().to(type));
        var resized = student.shape.SequenceEqual(teacher.shape) ? ours : functional.interpolate(
            ours, size: size, mode: torch.InterpolationMode.Bilinear, align_corners: false);
        var loss = functional.mse_loss(Standardised(resized), Standardised(theirs), nn.Reduction.Mean) / 2;
        return loss.to(student.dtype).MoveToOuterDisposeScope();
    }

    // [N, C, H, W] -> the same, each channel with mean 0 and deviation 1
    private static Tensor Standardised(Tensor map)
    {
        long[] all = [0, 2, 3];
        return (map - map.mean(all, keepdim: true)) / (map.std(all, unbiased: true, keepdim: true) + Epsilon);
    }
}
