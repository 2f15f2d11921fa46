using KdNotebooks.Invariants;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Losses;

/// <summary>
/// Distillation by correlation: T^2 [beta (1 - mean r of the rows) + gamma (1 - mean r of the columns)] of the
/// probabilities p(T), where r is Pearson's correlation of the student's with the teacher's. Huang et al. 2022
/// (arXiv:2205.10536). Rows relate the classes within an image, columns the images within a class.
/// </summary>
/// <remarks>
/// r = (a . b) / (|a| |b| + 1e-8), as in the authors' code. So a row or column that hardly varies counts less, and of
/// equal ones 1 - r = 1e-8 / (|a|^2 + 1e-8) remains: next to nothing, unless probabilities are nearly uniform. What is
/// uniform to begin with, as with a last layer of zeros, gets a very large gradient.
/// </remarks>
/// <param name="Beta">Of the rows, between classes; at least 0. The default value is 1.</param>
/// <param name="Gamma">Of the columns, within a class; at least 0. The default value is 1.</param>
/// <param name="Temperature">
/// Dimensionless, greater than 0. The default value is 1, the authors' on ImageNet and for segmentation; on CIFAR-100
/// they take 4.
/// </param>
[About("T² [β (1 − r(rows)) + γ (1 − r(columns))], r: mean Pearson correlation of p_s(T) with p_t(T)",
    "Huang et al. 2022, arXiv:2205.10536",
    Claim.Distance | Claim.LogitShift | Claim.AffineRows | Claim.Pinned | Claim.TemperatureScale,
    Weight = "2, T 4 (CIFAR-100); 2, T 1 (ImageNet)")]
public sealed record DistLoss(double Beta = 1, double Gamma = 1, double Temperature = 1) : IClassRelation
{
    private const double Epsilon = 1e-8;

    public string Name => "dist";

    bool ILogitLoss.ReadsLabels => false;

    public Idle? IdleFor(long rows, long classes)
    {
        var (images, within) = (rows == 2 && Gamma > 0, classes == 2 && Beta > 0);
        return (images, within) switch
        {
            (true, true) => new Idle("DistLoss correlates two classes and two images, and two numbers go together or "
                + "against each other, whatever they are. Take larger batches."),
            (true, _) => new Idle(
                "DistLoss's gamma weighs the correlation of the images within a class, and two images go together or "
                + "against each other, whatever they are: gamma does nothing. Take batches of at least 3.",
                Whole: Beta == 0),
            (_, true) => new Idle(
                "DistLoss's beta weighs the correlation of the classes within an image, and two classes go together or "
                + "against each other, whatever they are: beta does nothing. Set it to 0.",
                Whole: Gamma == 0),
            _ => null,
        };
    }

    // student, teacher: [N, K] -> scalar
    public Tensor Compute(Tensor student, Tensor teacher)
    {
        Require(student, teacher);
        Option.RequireAtLeast(0, nameof(DistLoss), "beta", Beta);
        Option.RequireAtLeast(0, nameof(DistLoss), "gamma", Gamma);
        Option.RequirePositive(nameof(DistLoss), "temperature", Temperature);
        if (student.shape[0] < 2)
        {
            throw new KdException(
                $"DistLoss: student {Shape.Text(student)} and teacher {Shape.Text(teacher)} are of one image; it "
                + "correlates the images within a class and needs at least 2.");
        }

        using var scope = torch.NewDisposeScope();
        var (q, p) = (Soften(student), Soften(teacher.detach()));
        var sum = (Unrelated(q, p, 1) * Beta) + (Unrelated(q, p, 0) * Gamma);
        return (sum * (Temperature * Temperature)).to(student.dtype).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor BetweenClasses(Tensor student, Tensor teacher)
    {
        Require(student, teacher);
        using var scope = torch.NewDisposeScope();
        var type = Numerics.AtLeastSingle(student.dtype);
        return Unrelated(student.to(type), teacher.detach().to(type), 1).to(student.dtype).MoveToOuterDisposeScope();
    }

    Tensor ILogitLoss.Compute(Tensor student, Tensor teacher, Tensor labels) => Compute(student, teacher);

    private Tensor Soften(Tensor logits) =>
        functional.softmax(logits.to(Numerics.AtLeastSingle(logits.dtype)) / Temperature, 1);

    // 1 - the mean over the lines along an axis of Pearson's correlation
    private static Tensor Unrelated(Tensor student, Tensor teacher, long axis)
    {
        var (a, b) = (student - student.mean([axis], true), teacher - teacher.mean([axis], true));
        var lengths = Length(a) * Length(b);
        return 1 - ((a * b).sum(axis) / (lengths + Epsilon)).mean();

        Tensor Length(Tensor lines) => torch.linalg.vector_norm(lines, dims: [axis]);
    }

    private static void Require(Tensor student, Tensor teacher)
    {
        Shape.RequireSame(nameof(DistLoss), student, teacher, "N, K");
        if (student.shape[1] < 2)
        {
            throw new KdException(
                $"DistLoss: student {Shape.Text(student)} and teacher {Shape.Text(teacher)} are of one class; it "
                + "correlates classes and needs at least 2.");
        }
    }
}
