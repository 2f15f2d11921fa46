using KdNotebooks.Invariants;
using KdNotebooks.Methods;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Aligners;

/// <summary>
/// The paper's learnable nonlinear channel-wise transformation: 1x1 convolutions with an activation between them, so
/// that every position of the map goes through one small perceptron over its channels. Liu, Wang, Chu 2023
/// (arXiv:2303.13212): one hidden layer, ReLU.
/// </summary>
/// <remarks>Without normalisation, as in the paper's formula. Weights start as PyTorch's convolutions do.</remarks>
/// <param name="Depth">Hidden layers, 0 to 4. The default value is 1, the paper's; 0 is <see cref="Linear"/>.</param>
/// <param name="Hidden">Channels of each hidden layer; null (the default) takes the teacher's.</param>
/// <param name="Activation">After each hidden layer. The default value is ReLU.</param>
/// <param name="Bias">The default value is true.</param>
[Method("W₂ σ(W₁ F_s), 1×1 convolutions", "Liu, Wang, Chu 2023, arXiv:2303.13212",
    Claim.EveryAligner | Claim.PositionWise | Claim.DepthZeroIsLinear | Claim.Lipschitz)]
public sealed record ChannelMlp(
    int Depth = 1, int? Hidden = null, Activation Activation = Activation.ReLU, bool Bias = true) : IAligner
{
    /// <summary>"mlp-1"; what is not the paper's choice is said: "mlp-1 h64 gelu no-bias".</summary>
    public string Name => $"mlp-{Depth}"
        + (Hidden is { } hidden ? $" h{hidden}" : "")
        + (Activation == Activation.ReLU ? "" : $" {Activation.ToString().ToLowerInvariant()}")
        + (Bias ? "" : " no-bias");

    public Module<Tensor, Tensor> Build(long studentChannels, long teacherChannels)
    {
        if (Depth is < 0 or > 4)
        {
            throw new KdException($"ChannelMlp: depth is {Depth}; expected 0 to 4 hidden layers.");
        }

        if (Hidden < 1)
        {
            throw new KdException(
                $"ChannelMlp: hidden is {Hidden}; expected at least 1 channel, or null for the teacher's.");
        }

        var layers = new List<Module<Tensor, Tensor>>();
        var channels = studentChannels;
        for (var layer = 0; layer < Depth; layer++)
        {
            layers.Add(Conv2d(channels, Hidden ?? teacherChannels, 1, bias: Bias));
            layers.Add(Activations.Build(Activation));
            channels = Hidden ?? teacherChannels;
        }

        layers.Add(Conv2d(channels, teacherChannels, 1, bias: Bias));
        return Sequential(layers);
    }
}
