using KdNotebooks.Invariants;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Aligners;

/// <summary>
/// FitNet's regressor as mdistiller has it: 1x1 convolution, batch normalization, ReLU. Romero et al. 2015
/// (arXiv:1412.6550).
/// </summary>
/// <remarks>
/// mdistiller's convolution also brings the sizes together; here <see cref="SpatialPolicy.StridedConv"/> does. The
/// convolution has no bias here: the normalization would take it away. A batch must have more than one value for each
/// channel. Its loss is <see cref="Losses.L2Loss"/> with the mean, at a weight of 100.
/// </remarks>
/// <param name="Relu">
/// The default value is true; a teacher's map from before its ReLU has negative values, which need false.
/// </param>
[About("ReLU(BN(W F_s))", "Romero et al. 2015, arXiv:1412.6550",
    Claim.EveryAligner | Claim.PositionWise | Claim.PinnedAligner)]
public sealed record ConvReg(bool Relu = true) : IAligner
{
    /// <summary>"conv-reg", or "conv-reg no-relu".</summary>
    public string Name => Relu ? "conv-reg" : "conv-reg no-relu";

    public Module<Tensor, Tensor> Build(long studentChannels, long teacherChannels)
    {
        var (conv, norm) = (
            Conv2d(studentChannels, teacherChannels, 1, bias: false), BatchNorm2d(teacherChannels));
        return Relu ? Sequential(conv, norm, ReLU()) : Sequential(conv, norm);
    }
}
