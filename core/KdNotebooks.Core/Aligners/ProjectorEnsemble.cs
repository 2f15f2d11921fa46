using KdNotebooks.Invariants;
using KdNotebooks.Methods;
using KdNotebooks.Runtime;
using TorchSharp.Modules;
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
[Method("(1/q) Σ_k ReLU(W_k F_s + b_k)", "Chen et al. 2022, arXiv:2210.15274", Claim.EveryAligner | Claim.PositionWise)]
public sealed record ProjectorEnsemble(int Count = 3) : IAligner
{
    /// <summary>"ensemble"; another number of projectors is said: "ensemble q5".</summary>
    public string Name => Count == 3 ? "ensemble" : $"ensemble q{Count}";

    public Module<Tensor, Tensor> Build(long studentChannels, long teacherChannels) => Count < 1
        ? throw new KdException($"ProjectorEnsemble: count is {Count}; expected at least 1 projector.")
        : new Mean(Count, studentChannels, teacherChannels);

    private sealed class Mean : Module<Tensor, Tensor>
    {
        private readonly int count;
        private readonly Conv2d projectors;

        public Mean(int count, long studentChannels, long teacherChannels) : base(nameof(Mean))
        {
            this.count = count;
            // All of them in one pass. How a convolution starts depends on its inputs alone: each starts as if by itself.
            projectors = Conv2d(studentChannels, count * teacherChannels, 1);
            RegisterComponents();
        }

        // [N, C_s, H, W] -> [N, C_t, H, W]
        public override Tensor forward(Tensor map)
        {
            using var scope = torch.NewDisposeScope();
            var all = projectors.call(map).relu(); // [N, q C_t, H, W]
            return all.unflatten(1, [count, all.shape[1] / count]).mean([1]).MoveToOuterDisposeScope();
        }
    }
}
