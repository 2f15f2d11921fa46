using KdNotebooks.Invariants;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Aligners;

/// <summary>
/// A 1x1 convolution and a batch normalization without weights of its own, eps 1e-4: the projector of SRD, Miles and
/// Mikolajczyk, "Understanding the Role of the Projector in Knowledge Distillation" (arXiv:2303.11098).
/// </summary>
/// <remarks>
/// In SRD's code (roymiles/Simple-Recipe-Distillation) it stands on pooled features, which
/// <see cref="SpatialPolicy.Global"/> gives; the teacher is normalized likewise there, which is left to the loss: an
/// aligner sees the student alone. The convolution has no bias here: the normalization would take it away.
/// A batch must have more than one value for each channel.
/// </remarks>
[About("BN(W F_s), without affine, eps = 10⁻⁴", "Miles, Mikolajczyk 2023, arXiv:2303.11098",
    Claim.EveryAligner | Claim.PositionWise | Claim.PinnedAligner)]
public sealed record BatchNormLinear : IAligner
{
    public string Name => "bn-linear";

    public Module<Tensor, Tensor> Build(long studentChannels, long teacherChannels) => Sequential(
        Conv2d(studentChannels, teacherChannels, 1, bias: false),
        BatchNorm2d(teacherChannels, eps: 1e-4, affine: false));
}
