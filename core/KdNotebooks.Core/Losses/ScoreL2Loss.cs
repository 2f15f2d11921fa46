using KdNotebooks.Invariants;
using KdNotebooks.Runtime;

namespace KdNotebooks.Losses;

/// <summary>
/// Squared difference, weighed at each position by the teacher's class score there and divided by the channels and by the
/// sum of the scores over the batch, as Ultralytics distills detectors (docs/method.md, 1.4 c).
/// </summary>
/// <remarks>
/// The scores are a tap of the teacher's of their own: <see cref="Distillation.Connection.Scores"/>. Without them all
/// positions weigh alike, and it is <see cref="L2Loss"/>'s mean. It has no options.
/// </remarks>
[About("Σ s (A(F_s) − F_t)² / (C Σ s), s: the teacher’s largest class score at a position",
    "Ultralytics 2026, docs.ultralytics.com",
    Claim.Distance | Claim.Pinned | Claim.BatchRepeated | Claim.ChannelsRepeated | Claim.MapsTiled | Claim.DegreeTwo)]
public sealed record ScoreL2Loss : IScoredLoss
{
    public string Name => "score-l2";

    // student, teacher: [N, C, H, W] -> scalar
    public Tensor Compute(Tensor student, Tensor teacher)
    {
        Shape.RequireSame(nameof(ScoreL2Loss), student, teacher, "N, C, H, W");
        using var even = torch.ones(
            [student.shape[0], 1, student.shape[2], student.shape[3]],
            dtype: Numerics.AtLeastSingle(student.dtype), device: student.device);
        return Compute(student, teacher, even);
    }

    public Tensor Compute(Tensor student, Tensor teacher, Tensor scores)
    {
        Shape.RequireSame(nameof(ScoreL2Loss), student, teacher, "N, C, H, W");
        if (scores.dim() != 4 || !scores.shape.SequenceEqual([student.shape[0], 1, student.shape[2], student.shape[3]]))
        {
            throw new KdException(
                $"{nameof(ScoreL2Loss)}: scores {Shape.Text(scores)} for maps {Shape.Text(student)}; expected [N, 1, H, W], "
                + "one score for each position.");
        }

        using var scope = torch.NewDisposeScope();
        var type = Numerics.AtLeastSingle(student.dtype);
        var weights = scores.detach().to(type);
        var squares = (student.to(type) - teacher.detach().to(type)).square().mean([1], keepdim: true); // [N, 1, H, W]
        // Where no position has a score there is nothing to be learned.
        return ((squares * weights).sum() / Numerics.Divisors(weights.sum())).to(student.dtype).MoveToOuterDisposeScope();
    }
}
