using KdNotebooks.Invariants;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Aligners;

/// <summary>One 1x1 convolution: the linear counterpart of <see cref="ChannelMlp"/>, and its depth 0.</summary>
/// <param name="Bias">The default value is true.</param>
[About("W F_s + b", "Romero et al. 2015, arXiv:1412.6550",
    Claim.EveryAligner | Claim.PositionWise | Claim.Lipschitz | Claim.PinnedAligner)]
public sealed record Linear(bool Bias = true) : IAligner
{
    public string Name => "linear";

    public Module<Tensor, Tensor> Build(long studentChannels, long teacherChannels) =>
        new ChannelMlp(Depth: 0, Bias: Bias).Build(studentChannels, teacherChannels);
}
