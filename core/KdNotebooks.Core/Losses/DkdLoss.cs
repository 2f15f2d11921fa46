using KdNotebooks.Invariants;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Losses;

/// <summary>
/// DkdLoss distillation: alpha TCKD + beta NCKD, mean over the batch. Zhao et al. 2022 (arXiv:2203.08679).
/// TCKD = T^2 KL(b_t || b_s) compares how sure the two are of the true class, b = (p, 1 - p) of that class; NCKD = T^2
/// KL(q_t || q_s) compares the classes besides it, q = softmax over those. With beta = 1 - p_t of each image it is
/// <see cref="KdLoss"/>.
/// </summary>
/// <remarks>
/// The authors' code pushes the true class out of the softmax by subtracting 1000 from its logit; here it is not in the
/// softmax at all, so that no logits are too large or too small for it.
/// </remarks>
/// <param name="Alpha">Of the true class; at least 0. The default value is 1.</param>
/// <param name="Beta">
/// Of the other classes; at least 0. The default value is 8; the authors take 2 to 8 on CIFAR-100 and 0.5 or 2 on
/// ImageNet.
/// </param>
/// <param name="Temperature">
/// Dimensionless, greater than 0. The default value is 4, the authors' on CIFAR-100; on ImageNet they take 1.
/// </param>
[About("α TCKD + β NCKD: T² KL(b_t ‖ b_s) and T² KL(q_t ‖ q_s), mean over N", "Zhao et al. 2022, arXiv:2203.08679",
    Claim.Distance | Claim.LogitShift | Claim.Decomposition | Claim.Pinned | Claim.BatchRepeated
        | Claim.TemperatureScale,
    Weight = "1, warm-up of 20 epochs, β 2 to 8 (CIFAR-100); 1, warm-up of 1, T 1, β 0.5 or 2 (ImageNet)")]
public sealed record DkdLoss(double Alpha = 1, double Beta = 8, double Temperature = 4) : IDecoupled
{
    public string Name => "dkd";

    public Idle? IdleFor(long rows, long classes) => classes == 2 && Beta > 0
        ? new Idle("DkdLoss's beta weighs the classes besides the true one, and of two classes there is one besides: "
            + "beta does nothing. Set it to 0, or take KdLoss.", Whole: Alpha == 0)
        : null;

    // student, teacher: [N, K], labels: [N] -> scalar
    public Tensor Compute(Tensor student, Tensor teacher, Tensor labels)
    {
        Option.RequireAtLeast(0, nameof(DkdLoss), "alpha", Alpha);
        Option.RequireAtLeast(0, nameof(DkdLoss), "beta", Beta);
        using var scope = torch.NewDisposeScope();
        var (target, nonTarget) = Terms(student, teacher, labels);
        return ((target * Alpha) + (nonTarget * Beta)).mean().to(student.dtype).MoveToOuterDisposeScope();
    }

    /// <returns>
    /// [N] each, T^2 included and alpha and beta not: TCKD and NCKD of every image, in single precision where the
    /// logits are in half.
    /// </returns>
    public (Tensor Target, Tensor NonTarget) Terms(Tensor student, Tensor teacher, Tensor labels)
    {
        Shape.RequireSame(nameof(DkdLoss), student, teacher, "N, K");
        RequireClasses(student, labels);
        Option.RequirePositive(nameof(DkdLoss), "temperature", Temperature);
        using var scope = torch.NewDisposeScope();
        var (binaryStudent, othersStudent) = Split(student, labels);
        var (binaryTeacher, othersTeacher) = Split(teacher.detach(), labels);
        var type = Numerics.AtLeastSingle(student.dtype);
        return (Divergence(binaryStudent, binaryTeacher).to(type).MoveToOuterDisposeScope(),
            Divergence(othersStudent, othersTeacher).to(type).MoveToOuterDisposeScope());
    }

    // [N, K] -> logits of the true class against all others, [N, 2], and of the others among themselves, [N, K - 1]
    private (Tensor Binary, Tensor Others) Split(Tensor logits, Tensor labels)
    {
        // In double precision: the divergence of distributions that are near each other is a small sum of larger terms.
        var softened = logits.to(torch.float64) / Temperature;
        var label = labels.unsqueeze(1); // [N, 1]
        var column = torch.arange(logits.shape[1] - 1, torch.int64, logits.device);
        var others = softened.gather(1, column + column.ge(label)); // the columns without the label's
        var binary = torch.cat([softened.gather(1, label), others.logsumexp(1, keepdim: true)], 1);
        return (binary, others);
    }

    // [N, K] -> [N]
    private Tensor Divergence(Tensor student, Tensor teacher)
    {
        var (logQ, logP) = (functional.log_softmax(student, 1), functional.log_softmax(teacher, 1));
        var each = Numerics.Divergence(logQ, logP, nn.Reduction.None);
        return each.sum(1) * (Temperature * Temperature);
    }

    private static void RequireClasses(Tensor logits, Tensor labels)
    {
        Shape.RequireLabels(nameof(DkdLoss), logits, labels);
        var classes = logits.shape[1];
        if (classes < 2)
        {
            throw new KdException(
                $"DkdLoss: logits {Shape.Text(logits)} have {classes} class(es); expected at least 2, for it "
                + "compares the classes besides the true one.");
        }

        using var scope = torch.NewDisposeScope();
        var outside = labels.lt(0).logical_or(labels.ge(classes));
        if (outside.any().item<bool>())
        {
            throw new KdException(
                $"DkdLoss: label {labels.masked_select(outside)[0].item<long>()} is none of the {classes} classes of "
                + $"logits {Shape.Text(logits)}; expected 0 to {classes - 1}.");
        }
    }
}
