using System.Globalization;
using KdNotebooks.Invariants;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Aligners;

/// <summary>
/// The paper's learnable nonlinear channel-wise transformation: 1x1 convolutions with an activation between them, so
/// that every position of the map goes through one small perceptron over its channels. Liu, Wang, Chu 2023
/// (arXiv:2303.13212): one hidden layer, ReLU.
/// </summary>
/// <remarks>
/// Without normalization, as in the paper's formula. How wide its hidden layer is, how its weights start and what it does
/// where the channels differ is not known (docs/method.md, 1.3); the options are what others' code does.
/// </remarks>
/// <param name="Depth">Hidden layers, 0 to 4. The default value is 1, the paper's; 0 is <see cref="Linear"/>.</param>
/// <param name="Hidden">
/// Channels of each hidden layer. The default value is null: <paramref name="Ratio"/> decides, or the teacher's are
/// taken.
/// </param>
/// <param name="Activation">After each hidden layer. The default value is ReLU.</param>
/// <param name="Bias">The default value is true.</param>
/// <param name="Ratio">
/// Channels of each hidden layer as a multiple of the teacher's, rounded (a half up), at least 1. The default value is
/// null. Together with <paramref name="Hidden"/> it is an error.
/// </param>
/// <param name="AlignFirst">
/// A 1x1 convolution without bias from C_s to C_t in front, also where they are equal, so that the perceptron works in
/// the teacher's channels. The default value is false: the first layer changes the channels.
/// </param>
/// <param name="Initialization">
/// How all its weights start. The default value is <see cref="Aligners.Initialization.Default"/>, PyTorch's.
/// </param>
[About("W₂ σ(W₁ F_s), 1×1 convolutions", "Liu, Wang, Chu 2023, arXiv:2303.13212",
    Claim.EveryAligner | Claim.PositionWise | Claim.DepthZeroIsLinear | Claim.Lipschitz | Claim.PinnedAligner)]
public sealed record ChannelMlp(
    int Depth = 1, int? Hidden = null, Activation Activation = Activation.ReLU, bool Bias = true, double? Ratio = null,
    bool AlignFirst = false, Initialization Initialization = Initialization.Default) : IAligner
{
    /// <summary>
    /// "mlp-1"; what is not the default is said: "mlp-1 h64 gelu no-bias", "mlp-1 r0.5 align-first kaiming".
    /// </summary>
    public string Name => $"mlp-{Depth}"
        + (Hidden is { } hidden ? $" h{hidden}" : "")
        + (Ratio is { } ratio ? string.Create(CultureInfo.InvariantCulture, $" r{ratio}") : "")
        + (Activation == Activation.ReLU ? "" : $" {Activation.ToString().ToLowerInvariant()}")
        + (Bias ? "" : " no-bias")
        + (AlignFirst ? " align-first" : "")
        + Initialization switch
        {
            Initialization.Default => "",
            Initialization.KaimingFanOut => " kaiming",
            _ => $" {Initialization.ToString().ToLowerInvariant()}",
        };

    public Module<Tensor, Tensor> Build(long studentChannels, long teacherChannels)
    {
        if (Depth is < 0 or > 4)
        {
            throw new KdException($"ChannelMlp: depth is {Depth}; expected 0 to 4 hidden layers.");
        }

        var width = Width(teacherChannels);
        var layers = new List<Module<Tensor, Tensor>>();
        var channels = studentChannels;
        if (AlignFirst)
        {
            layers.Add(Conv2d(studentChannels, teacherChannels, 1, bias: false));
            channels = teacherChannels;
        }

        for (var layer = 0; layer < Depth; layer++)
        {
            layers.Add(Conv2d(channels, width, 1, bias: Bias));
            layers.Add(Activations.Build(Activation));
            channels = width;
        }

        layers.Add(Conv2d(channels, teacherChannels, 1, bias: Bias));
        return Initializations.Apply(Sequential(layers), Initialization);
    }

    private long Width(long teacherChannels)
    {
        if (Hidden is not null && Ratio is not null)
        {
            throw new KdException(
                $"ChannelMlp: hidden is {Hidden} and ratio {Ratio}, which both say how wide the hidden layers are; leave "
                + "one of them out.");
        }

        if (Hidden < 1)
        {
            throw new KdException(
                $"ChannelMlp: hidden is {Hidden}; expected at least 1 channel, or null for the teacher's.");
        }

        if (Ratio is { } given && given is not (> 0 and < double.PositiveInfinity))
        {
            throw new KdException(
                $"ChannelMlp: ratio is {Ratio}; expected a finite number above 0, or null for the teacher's channels.");
        }

        return Ratio is { } ratio
            ? Math.Max(1, (long)Math.Round(ratio * teacherChannels, MidpointRounding.AwayFromZero))
            : Hidden ?? teacherChannels;
    }
}
