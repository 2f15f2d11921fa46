using KdNotebooks.Invariants;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Losses;

/// <summary>
/// Softened-logit distillation: T^2 KL(p_t(T) || p_s(T)), mean over the batch. Hinton et al. 2015 (arXiv:1503.02531),
/// section 2; T^2 keeps its gradients' size when the temperature changes.
/// </summary>
/// <param name="Temperature">Dimensionless, greater than 0. The default value is 4.</param>
[About("T² KL(p_t(T) ‖ p_s(T)), mean over N", "Hinton et al. 2015, arXiv:1503.02531",
    Claim.Distance | Claim.LogitShift | Claim.Pinned | Claim.BatchRepeated | Claim.TemperatureScale
        | Claim.TemperatureLimit,
    Weight = "0.9 beside 0.1 of the task (CIFAR-100)")]
public sealed record KdLoss(double Temperature = 4.0) : ILogitLoss
{
    public string Name => "kd";

    bool ILogitLoss.ReadsLabels => false;

    public Idle? IdleFor(long rows, long classes) => classes == 1
        ? new Idle("KdLoss compares distributions over the classes, and of one class there is one only: it needs at "
            + "least 2.")
        : null;

    // student, teacher: [N, K] -> scalar
    public Tensor Compute(Tensor student, Tensor teacher)
    {
        Shape.RequireSame(nameof(KdLoss), student, teacher, "N, K");
        Option.RequirePositive(nameof(KdLoss), "temperature", Temperature);

        using var scope = torch.NewDisposeScope();
        var logQ = functional.log_softmax(student / Temperature, 1);
        var logP = functional.log_softmax(teacher.detach() / Temperature, 1);
        var sum = Numerics.Divergence(logQ, logP, nn.Reduction.Sum);
        return (sum * (Temperature * Temperature / student.shape[0])).MoveToOuterDisposeScope();
    }

    Tensor ILogitLoss.Compute(Tensor student, Tensor teacher, Tensor labels) => Compute(student, teacher);
}
