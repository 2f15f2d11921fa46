using KdNotebooks.Invariants;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Aligners;

/// <summary>
/// A 1x1 convolution without bias whose matrix W [C_t, C_s] is orthogonal and stays so: orthonormal columns where
/// C_s &lt;= C_t, so that all lengths and angles between the student's vectors are kept, and orthonormal rows else.
/// Miles, Elezi, Deng 2024, "VkD: Improving Knowledge Distillation using Orthogonal Projections" (arXiv:2403.06213).
/// </summary>
/// <remarks>
/// W = exp(A - Aᵀ) Q₀ (transposed where C_s &gt; C_t). Q₀ is random, uniform over all such matrices, and stays; A [n, n],
/// n the larger number of channels, starts at 0 and is trained, its lower triangle only. exp of a skew-symmetric matrix
/// is a rotation, so any optimizer keeps W orthogonal, and weight decay draws it to where it started. VkD's code leaves
/// this to torch.nn.utils.parametrizations.orthogonal, which does the same with another map than exp where the channels
/// differ. The exponential of an n x n matrix costs some 20 n³ a pass, whatever the map's size. VkD stands on pooled
/// features (<see cref="SpatialPolicy.Global"/>); its normalization of the teacher is left to the loss.
/// </remarks>
[About("W F_s, WᵀW = I", "Miles, Elezi, Deng 2024, arXiv:2403.06213",
    Claim.EveryAligner | Claim.PositionWise | Claim.Orthonormal | Claim.PinnedAligner)]
public sealed record OrthogonalLinear : IAligner
{
    public string Name => "orthogonal";

    public Module<Tensor, Tensor> Build(long studentChannels, long teacherChannels) =>
        new Rotation(studentChannels, teacherChannels);

    private sealed class Rotation : Module<Tensor, Tensor>
    {
        private readonly bool wide;
        private readonly Parameter rotation; // A [n, n]
        private readonly Tensor start; // Q_0 [n, m], a buffer; m the smaller number of channels

        public Rotation(long studentChannels, long teacherChannels) : base(nameof(Rotation))
        {
            wide = studentChannels > teacherChannels;
            var (n, m) = (Math.Max(studentChannels, teacherChannels), Math.Min(studentChannels, teacherChannels));
            rotation = Parameter(torch.zeros(n, n));
            start = Start(n, m);
            RegisterComponents();
        }

        // [N, C_s, H, W] -> [N, C_t, H, W]
        public override Tensor forward(Tensor map)
        {
            using var scope = torch.NewDisposeScope();
            var lower = rotation.tril(-1);
            var columns = torch.linalg.matrix_exp(lower - lower.t()).matmul(start); // [n, m]
            var weight = wide ? columns.t() : columns; // [C_t, C_s]
            return functional.conv2d(map, weight.unsqueeze(2).unsqueeze(3)).MoveToOuterDisposeScope();
        }

        // Q of a Gaussian matrix is uniform where R has a positive diagonal. In double precision: rounded once.
        private static Tensor Start(long n, long m)
        {
            using var noGrad = torch.no_grad();
            using var scope = torch.NewDisposeScope();
            var (q, r) = torch.linalg.qr(torch.randn(n, m, dtype: torch.float64));
            return (q * r.diagonal().sign()).to(torch.float32).MoveToOuterDisposeScope();
        }
    }
}
