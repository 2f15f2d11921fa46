using System.Globalization;
using KdNotebooks.Invariants;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Aligners;

/// <summary>What <see cref="MaskedGenerative"/> masks as one.</summary>
public enum MaskKind
{
    /// <summary>A channel of an image: MGD's for classification.</summary>
    Channel,

    /// <summary>A position of an image, all its channels: MGD's for detection and segmentation.</summary>
    Spatial,
}

/// <summary>
/// Masked generative distillation: the student's map with a random part set to zero, from which
/// <see cref="SpatialMlp"/> must make the whole of the teacher's. Yang et al. 2022 (arXiv:2205.01529); its loss is
/// <see cref="Losses.L2Loss"/> with <see cref="Losses.Reduction.SumPerBatch"/>.
/// </summary>
/// <remarks>
/// Masked in training mode only; what is kept is not scaled up, as in MGD's code. The mask is drawn by torch's CPU
/// generator wherever the map is: that is the state which a student in a cohort has for itself. What is claimed holds
/// for one mask, or in evaluation mode.
/// </remarks>
/// <param name="MaskRatio">
/// The paper's lambda: how likely each channel or position is masked; at least 0, less than 1. The default value is
/// 0.15, which with <see cref="MaskKind.Channel"/> is MGD's code for classification. With <see cref="MaskKind.Spatial"/>
/// its code has 0.65 (one-stage detectors), 0.45 (two-stage) and 0.75 (segmentation). 0 is <see cref="SpatialMlp"/>.
/// </param>
/// <param name="MaskKind">The default value is <see cref="MaskKind.Channel"/>.</param>
[About("W₂ ∗ ReLU(W₁ ∗ (M ⊙ F_s)), 3×3 convolutions, M random", "Yang et al. 2022, arXiv:2205.01529",
    Claim.EveryAligner | Claim.PinnedAligner)]
public sealed record MaskedGenerative(double MaskRatio = 0.15, MaskKind MaskKind = MaskKind.Channel) : IAligner
{
    /// <summary>"masked"; what is not the default is said: "masked 0.65 spatial".</summary>
    public string Name => "masked"
        + (MaskRatio == 0.15 ? "" : string.Create(CultureInfo.InvariantCulture, $" {MaskRatio}"))
        + (MaskKind == MaskKind.Channel ? "" : $" {MaskKind.ToString().ToLowerInvariant()}");

    public Module<Tensor, Tensor> Build(long studentChannels, long teacherChannels)
    {
        if (MaskRatio is not (>= 0 and < 1))
        {
            throw new KdException(
                $"MaskedGenerative: the mask's ratio is {MaskRatio}; expected a number of at least 0 and less than 1.");
        }

        return SpatialMlp.Build(studentChannels, teacherChannels, new Mask(MaskRatio, MaskKind));
    }

    private sealed class Mask(double ratio, MaskKind kind) : Module<Tensor, Tensor>(nameof(Mask))
    {
        // [N, C, H, W] -> [N, C, H, W]
        public override Tensor forward(Tensor map)
        {
            if (!training)
            {
                return map.alias();
            }

            using var scope = torch.NewDisposeScope();
            var (n, c, h, w) = (map.shape[0], map.shape[1], map.shape[2], map.shape[3]);
            long[] shape = kind == MaskKind.Channel ? [n, c, 1, 1] : [n, 1, h, w];
            // Uniform on [0, 1): below the ratio with that probability, and never below 0.
            var kept = torch.rand(shape, device: torch.CPU).ge(ratio).to(map.dtype, map.device);
            return (map * kept).MoveToOuterDisposeScope();
        }
    }
}
