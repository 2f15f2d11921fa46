using KdNotebooks.Invariants;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Aligners;

/// <summary>
/// The mean of several projectors, each a 1x1 convolution and a ReLU, that differ in how they start only. Chen et al.
/// 2022, "Improved Feature Distillation via Projector Ensemble" (arXiv:2210.15274).
/// </summary>
/// <remarks>
/// In its code (chenyd7/PEFD) it stands on pooled features, which <see cref="SpatialPolicy.Global"/> gives, and the loss
/// is one minus the cosine at a weight of 25. Weights start as PyTorch's layers do, each projector's by itself.
/// </remarks>
/// <param name="Count">How many, at least 1. The default value is 3.</param>
[About("(1/q) Σ_k ReLU(W_k F_s + b_k)", "Chen et al. 2022, arXiv:2210.15274",
    Claim.EveryAligner | Claim.PositionWise | Claim.PinnedAligner)]
public sealed record ProjectorEnsemble(int Count = 3) : IAligner
{
    /// <summary>"ensemble"; another number of projectors is said: "ensemble q5".</summary>
    public string Name => Count == 3 ? "ensemble" : $"ensemble q{Count}";

    public Module<Tensor, Tensor> Build(long studentChannels, long teacherChannels) => Count < 1
        ? throw new KdException($"ProjectorEnsemble: count is {Count}; expected at least 1 projector.")
        : new Mean(Count, studentChannels, teacherChannels);

    private sealed class Mean : Module<Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor>[] projectors;

        public Mean(int count, long studentChannels, long teacherChannels) : base(nameof(Mean))
        {
            projectors = [.. Enumerable.Range(0, count).Select(_ => Conv2d(studentChannels, teacherChannels, 1))];
            for (var i = 0; i < count; i++)
            {
                register_module($"{i}", projectors[i]);
            }
        }

        // [N, C_s, H, W] -> [N, C_t, H, W]. Not one convolution with q C_t outputs whose mean is taken by a view: the
        // gradient of that, in channels-last and in single precision, came out wrong with two threads (libtorch 2.10.0).
        public override Tensor forward(Tensor map)
        {
            using var scope = torch.NewDisposeScope();
            var sum = projectors.Select(projector => projector.call(map).relu()).Aggregate((a, b) => a + b);
            return (sum / projectors.Length).MoveToOuterDisposeScope();
        }
    }
}
