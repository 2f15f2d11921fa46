using KdNotebooks.Aligners;
using KdNotebooks.Invariants;
using KdNotebooks.Runtime;
using MathNet.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Losses;

/// <summary>
/// A bound on the information that the student's map has of the teacher's: the negative log likelihood of the teacher
/// under a normal distribution around the aligned student, with a variance for each channel that is learned; mean of
/// ((F_s - F_t)^2 / var + log var) / 2. Ahn et al. 2019 (arXiv:1904.05835).
/// </summary>
/// <remarks>
/// <para>
/// var = softplus(rho) + 1e-5, and rho is trained beside the student. A likelihood of a density has no zero: at
/// equality the value is the mean of log(var) / 2, which is negative for variances under 1. The constant log(2 pi) / 2
/// is left out, as in the authors' code.
/// </para>
/// <para>
/// The mean head, three 1 x 1 convolutions without bias, is the aligner's business: ChannelMlp(Depth: 2, Bias: false).
/// </para>
/// </remarks>
/// <param name="InitialVariance">In squared units of the map, greater than 1e-5. The default value is 5.</param>
[About("mean ½((F_s − F_t)²/σ_c² + log σ_c²), σ_c² learned", "Ahn et al. 2019, arXiv:1904.05835",
    Claim.EveryLoss | Claim.Pinned | Claim.BatchRepeated | Claim.ChannelsRepeated | Claim.MapsTiled
        | Claim.FirstWeights,
    Weight = "1 (CIFAR-100)")]
public sealed record VidLoss(double InitialVariance = 5.0) : IBuiltLoss
{
    private const double Smallest = 1e-5;

    public string Name => "vid";

    /// <summary>With the initial variance for every channel.</summary>
    // student, teacher: [N, C, H, W] -> scalar
    public Tensor Compute(Tensor student, Tensor teacher)
    {
        RequireVariance();
        using var scope = torch.NewDisposeScope();
        // A scalar of 64 bits: beside a tensor of fewer it takes on theirs.
        var variance = torch.tensor(InitialVariance, dtype: torch.float64, device: student.device);
        return Likelihood(student, teacher, variance).MoveToOuterDisposeScope();
    }

    public Module<Tensor, Tensor, Tensor> Build(FeatureShape student, FeatureShape teacher, ChannelStatistics? norm)
    {
        RequireVariance();
        return new Learned(teacher.Channels, InitialVariance);
    }

    private void RequireVariance()
    {
        if (InitialVariance is not (> Smallest and < double.PositiveInfinity))
        {
            throw new KdException(
                $"VidLoss: initial variance is {InitialVariance}; expected a finite number above "
                + $"{Smallest}.");
        }
    }

    // variance: [C], or one for all. The mean over a channel comes first: nothing of the map's size is divided.
    private static Tensor Likelihood(Tensor student, Tensor teacher, Tensor variance)
    {
        Shape.RequireSame(nameof(VidLoss), student, teacher, "N, C, H, W");
        var type = Numerics.AtLeastSingle(student.dtype);
        var squares = (student - teacher.detach()).square().mean([0, 2, 3], type: type); // [C]
        return (((squares / variance) + variance.log()).mean() / 2).to(student.dtype);
    }

    private sealed class Learned : Module<Tensor, Tensor, Tensor>
    {
        private readonly Parameter rho; // [C]

        public Learned(long channels, double variance) : base(nameof(VidLoss))
        {
            // softplus^-1(v) = log(e^v - 1) = v + log(1 - e^-v), which does not overflow.
            var softplus = variance - Smallest;
            var start = softplus + Math.Log(-SpecialFunctions.Expm1(-softplus));
            rho = Parameter(torch.full(channels, start, dtype: torch.float32));
            RegisterComponents();
        }

        public override Tensor forward(Tensor student, Tensor teacher)
        {
            using var scope = torch.NewDisposeScope();
            return Likelihood(student, teacher, functional.softplus(rho) + Smallest).MoveToOuterDisposeScope();
        }
    }
}
