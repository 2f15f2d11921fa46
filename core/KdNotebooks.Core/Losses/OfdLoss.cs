using KdNotebooks.Aligners;
using KdNotebooks.Invariants;
using KdNotebooks.Runtime;
using MathNet.Numerics.Distributions;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Losses;

/// <summary>
/// The partial L2 of the feature-distillation overhaul, for maps before the activation: the teacher's target is
/// max(F_t, m_c), where the margin m_c is the mean of a channel's negative numbers; squared difference, except where
/// the teacher is at most 0 and the student not above the target: both are off there. Sum over everything, divided by
/// the images in the batch. Heo et al. 2019 (arXiv:1904.01866).
/// </summary>
/// <remarks>
/// <para>
/// The margins come from the teacher's batch normalization: see <see cref="Margins"/>. So the teacher's tap must be
/// one, or a sequence that ends with one: "layer3.0.bn2".
/// </para>
/// <para>
/// Left out: the 1 x 1 convolution with batch normalization before it is the aligner's business, and the stage weights
/// 1/2^(n-i-1) are the caller's alpha.
/// </para>
/// </remarks>
/// <param name="Margin">
/// One margin for all channels, at most 0, in units of the map. The default value is null: each channel's own, from the
/// teacher's batch normalization; the loss must then be built for a connection.
/// </param>
[About("Σ (F_s − max(F_t, m_c))² where F_t > 0 or F_s > max(F_t, m_c), over N", "Heo et al. 2019, arXiv:1904.01866",
    Claim.Distance | Claim.Pinned | Claim.BatchRepeated,
    Weight = "1e-3 (CIFAR-100), 1e-4 (ImageNet)")]
public sealed record OfdLoss(double? Margin = null) : IBuiltLoss
{
    // Under this share of negative numbers their mean says little; three deviations stand in its place.
    private const double SmallestShare = 0.001;

    public string Name => "ofd";

    /// <summary>With one margin for all channels.</summary>
    /// <exception cref="KdException">The margin is null, or the shapes do not fit each other.</exception>
    // student, teacher: [N, C, H, W] -> scalar
    public Tensor Compute(Tensor student, Tensor teacher)
    {
        var margin = Fixed() ?? throw new KdException(
            "OfdLoss: its margins come from the teacher's batch normalization, so it must be built for a connection "
            + "whose teacher tap is one, as 'layer3.0.bn2'. Compute needs one margin for all channels: OfdLoss(-1).");
        using var scope = torch.NewDisposeScope();
        var margins = torch.tensor(margin, dtype: student.dtype, device: student.device);
        return Partial(student, teacher, margins).MoveToOuterDisposeScope();
    }

    public Module<Tensor, Tensor, Tensor> Build(FeatureShape student, FeatureShape teacher, ChannelStatistics? norm)
    {
        var margins = Fixed() is { } margin ? Enumerable.Repeat(margin, (int)teacher.Channels) : Margins(
            norm ?? throw new KdException(
                "OfdLoss: its margins come from the teacher's batch normalization, and the teacher's tap neither is "
                + "nor ends with one. Tap one, as 'layer3.0.bn2', or name one margin for all channels: OfdLoss(-1)."));
        return new Marginal([.. margins.Select(value => (float)value)]);
    }

    /// <summary>
    /// The mean of a channel's negative numbers, where the channel is N(mu, sigma): mu - sigma phi(mu/sigma) /
    /// Phi(-mu/sigma); -3 sigma where at most one number in a thousand is negative. Never above 0.
    /// </summary>
    public static IReadOnlyList<double> Margins(ChannelStatistics norm) =>
        [.. norm.Mean.Zip(norm.StandardDeviation, (mean, deviation) => MeanOfNegative(mean, deviation))];

    private static double MeanOfNegative(double mean, double deviation)
    {
        if (deviation == 0)
        {
            return Math.Min(mean, 0); // a constant channel: the limit
        }

        var negative = Normal.CDF(0, 1, -mean / deviation);
        return negative > SmallestShare
            ? mean - (deviation * Normal.PDF(0, 1, mean / deviation) / negative)
            : -3 * deviation;
    }

    private double? Fixed() => Margin is null or (<= 0 and > double.NegativeInfinity) ? Margin : throw new KdException(
        $"OfdLoss: margin is {Margin}; expected a finite number of at most 0, or null for the teacher's.");

    // margins: [1, C, 1, 1], or one for all
    private static Tensor Partial(Tensor student, Tensor teacher, Tensor margins)
    {
        Shape.RequireSame(nameof(OfdLoss), student, teacher, "N, C, H, W");
        var target = torch.maximum(teacher.detach(), margins);
        var excess = student - target;
        // A margin is at most 0, so the target is above 0 where the teacher is.
        return torch.where(target > 0, excess, excess.relu()).square().sum() / student.shape[0];
    }

    private sealed class Marginal : Module<Tensor, Tensor, Tensor>
    {
        private readonly Tensor margins; // [1, C, 1, 1], a buffer

        public Marginal(float[] values) : base(nameof(OfdLoss))
        {
            margins = torch.tensor(values).view(1, -1, 1, 1);
            RegisterComponents();
        }

        public override Tensor forward(Tensor student, Tensor teacher)
        {
            using var scope = torch.NewDisposeScope();
            return Partial(student, teacher, margins.to(student.dtype)).MoveToOuterDisposeScope();
        }
    }
}
