using KdNotebooks.Invariants;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Aligners;

/// <summary>
/// Global context: a weighted mean over all positions goes through a bottleneck and is added to every position. Cao et
/// al. 2019 (arXiv:1904.11492), the simplified non-local block; FGD's relation term (yzd-v/FGD) is made of it.
/// </summary>
/// <remarks>
/// 1x1 where the channels differ, then x + W₂ ReLU(LN(W₁ Σ_j a_j x_j)), a = softmax over H W of one 1x1 convolution. It
/// starts as in FGD's code: a from a normal distribution with variance 2 / C_t, W₂ = 0, so that at first nothing is
/// added. The convolution of a has no bias here: the softmax would take it away. The context of the teacher, which FGD
/// adds to the teacher's map, is left out: an aligner sees the student alone.
/// </remarks>
/// <param name="Reduction">
/// The bottleneck has C_t / Reduction channels, at least 1. The default value is 2, FGD's.
/// </param>
[About("x + W₂ ReLU(LN(W₁ Σ_j a_j x_j)), a = softmax_HW(w x)", "Cao et al. 2019, arXiv:1904.11492",
    Claim.EveryAligner | Claim.PositionWise | Claim.PinnedAligner)]
public sealed record NonLocal(int Reduction = 2) : IAligner
{
    /// <summary>"non-local"; another reduction is said: "non-local r4".</summary>
    public string Name => Reduction == 2 ? "non-local" : $"non-local r{Reduction}";

    public Module<Tensor, Tensor> Build(long studentChannels, long teacherChannels)
    {
        if (Reduction < 1)
        {
            throw new KdException($"NonLocal: reduction is {Reduction}; expected at least 1.");
        }

        return Sequential(
            ("align", Pointwise.WhereChannelsDiffer(studentChannels, teacherChannels)),
            ("context", new GlobalContext(teacherChannels, Math.Max(1, teacherChannels / Reduction))));
    }
}
