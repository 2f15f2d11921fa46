using KdNotebooks.Aligners;
using KdNotebooks.Invariants;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Losses;

/// <summary>
/// Correlation congruence: the mean over i of delta_i . delta_(i+1), where delta_i = |e_s - e_t| is by how much the
/// embeddings of image i differ, coordinate by coordinate. Peng et al. 2019 (arXiv:1904.01802), as RepDistiller has it.
/// </summary>
/// <remarks>
/// It pairs each image with the next of the batch, so the order of the batch matters, as it does for no other loss here.
/// Embeddings are linear, of the spatial means of the maps, and both sides are learned: the teacher's map gets no
/// gradient, its embedding does. Left out: kernels between all images of the batch.
/// </remarks>
/// <param name="Embedding">
/// Size of the embeddings, at least 1. The default value is 128. Null: the features themselves, with nothing to learn;
/// then the channels must be equal.
/// </param>
[About("mean_i δ_i · δ_(i+1), δ = |e_s − e_t|, e: linear embeddings of pooled features",
    "Peng et al. 2019, arXiv:1904.01802",
    (Claim.Distance & ~Claim.BatchOrder) | Claim.Pinned | Claim.MapsTiled | Claim.DegreeTwo
        | Claim.FirstWeights,
    Weight = "0.02 (CIFAR-100)")]
public sealed record CcLoss(int? Embedding = 128) : IBuiltLoss
{
    public string Name => "cc";

    public MapFit Fit => Embedding is null ? MapFit.SameChannels : MapFit.Any;

    /// <summary>Without embeddings, whatever <see cref="Embedding"/> is: so the channels must be equal.</summary>
    /// <param name="student">[N, D] or [N, C, H, W]; gradients flow into it.</param>
    /// <param name="teacher">[N, D] or [N, C, H, W]; no gradient flows into it.</param>
    public Tensor Compute(Tensor student, Tensor teacher)
    {
        Shape.RequireFeatures(nameof(CcLoss), student, teacher, sameSize: true, images: 2);
        using var scope = torch.NewDisposeScope();
        var loss = Congruence(Shape.PooledPrecisely(student), Shape.PooledPrecisely(teacher.detach()));
        return loss.to(student.dtype).MoveToOuterDisposeScope();
    }

    public Module<Tensor, Tensor, Tensor> Build(FeatureShape student, FeatureShape teacher, ChannelStatistics? norm)
    {
        if (Embedding < 1)
        {
            throw new KdException(
                $"CcLoss: embedding is {Embedding}; expected at least 1, or null for none.");
        }

        return Embedding is { } size ? new Embedded(student.Channels, teacher.Channels, size) : new Plain(this);
    }

    // [N, D] -> scalar
    private static Tensor Congruence(Tensor student, Tensor teacher)
    {
        var type = Numerics.AtLeastSingle(student.dtype);
        var (delta, pairs) = ((student.to(type) - teacher.to(type)).abs(), student.shape[0] - 1);
        return (delta.narrow(0, 0, pairs) * delta.narrow(0, 1, pairs)).sum() / pairs;
    }

    private sealed class Plain(CcLoss loss)
        : Module<Tensor, Tensor, Tensor>(nameof(CcLoss))
    {
        public override Tensor forward(Tensor student, Tensor teacher) => loss.Compute(student, teacher);
    }

    private sealed class Embedded : Module<Tensor, Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor> student, teacher;

        public Embedded(long studentChannels, long teacherChannels, int size) : base(nameof(CcLoss))
        {
            (student, teacher) = (nn.Linear(studentChannels, size), nn.Linear(teacherChannels, size));
            RegisterComponents();
        }

        // [N, C_s, H_s, W_s], [N, C_t, H_t, W_t] -> scalar
        public override Tensor forward(Tensor ours, Tensor theirs)
        {
            Shape.RequireFeatures(nameof(CcLoss), ours, theirs, sameSize: false, images: 2);
            using var scope = torch.NewDisposeScope();
            var loss = Congruence(
                student.call(Shape.Pooled(ours)), teacher.call(Shape.Pooled(theirs.detach())));
            return loss.to(ours.dtype).MoveToOuterDisposeScope();
        }
    }
}
