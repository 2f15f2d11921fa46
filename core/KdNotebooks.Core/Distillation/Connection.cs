using System.Text.Json.Serialization;
using KdNotebooks.Aligners;
using KdNotebooks.Losses;

namespace KdNotebooks.Distillation;

/// <summary>One place where the student is held to the teacher: align the student's map, then compare.</summary>
/// <param name="Student">Module path of the student's map.</param>
/// <param name="Teacher">Module path of the teacher's map.</param>
/// <param name="Aligner">Brings the channels together.</param>
/// <param name="Loss">Compares the maps.</param>
/// <param name="Alpha">
/// The weight beside the task loss, 0 to 1e7; it belongs to the loss's reduction and is stored with it. 0 turns it off.
/// </param>
/// <param name="Spatial">
/// What to do where height or width differ. The default refuses, unless the loss can compare maps of other sizes.
/// </param>
/// <param name="WarmUp">Epochs over which the weight grows to alpha, by an equal step each; 0 (the default): none.</param>
/// <param name="Scores">
/// Module path of the teacher's class logits for the same level, [N, A K, H, W], for a loss that weighs positions by them
/// (<see cref="IScoredLoss"/>): "rpn.head.cls_logits[2]" is what the third call of that module gives. A position's weight
/// is the largest sigmoid there. The default value is null: no scores.
/// </param>
/// <exception cref="Runtime.KdException">Alpha or the warm-up is out of its range.</exception>
public sealed record Connection(
    string Student,
    string Teacher,
    IAligner Aligner,
    IFeatureLoss Loss,
    double Alpha,
    SpatialPolicy Spatial = SpatialPolicy.None,
    int WarmUp = 0,
    string? Scores = null)
{
    // All are stated, so that they are written to JSON in their order.
    public string Student { get; init; } = Student;

    public string Teacher { get; init; } = Teacher;

    public IAligner Aligner { get; init; } = Aligner;

    public IFeatureLoss Loss { get; init; } = Loss;

    public double Alpha { get; init => field = TermWeight.Require(Owner(Student, Teacher), "alpha", value); } =
        TermWeight.Require(Owner(Student, Teacher), "alpha", Alpha);

    public SpatialPolicy Spatial { get; init; } = Spatial;

    public int WarmUp { get; init => field = TermWeight.RequireEpochs(Owner(Student, Teacher), value); } =
        TermWeight.RequireEpochs(Owner(Student, Teacher), WarmUp);

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Scores { get; init; } = Scores;

    /// <summary>
    /// The term's name in metrics and error messages: "layer3 mlp-1 l2", or "layer2 to layer3 mlp-1 l2" where the paths
    /// differ.
    /// </summary>
    public string Name
    {
        get
        {
            var where = Student == Teacher ? Student : $"{Student} to {Teacher}";
            return Aligner is Identity ? $"{where} {Loss.Name}" : $"{where} {Aligner.Name} {Loss.Name}";
        }
    }

    private static string Owner(string student, string teacher) =>
        $"Connection from student '{student}' to teacher '{teacher}'";
}

/// <summary>The student's logits held to the teacher's.</summary>
/// <param name="Weight">Beside the task loss, 0 to 1e7; 0 turns it off.</param>
/// <param name="WarmUp">Epochs over which the weight grows, by an equal step each; 0 (the default): none.</param>
/// <exception cref="Runtime.KdException">Weight or warm-up is out of its range.</exception>
public sealed record LogitConnection(ILogitLoss Loss, double Weight, int WarmUp = 0)
{
    private const string Owner = "Logits";

    // All are stated, so that they are written to JSON in their order.
    public ILogitLoss Loss { get; init; } = Loss;

    public double Weight { get; init => field = TermWeight.Require(Owner, "weight", value); } =
        TermWeight.Require(Owner, "weight", Weight);

    public int WarmUp { get; init => field = TermWeight.RequireEpochs(Owner, value); } =
        TermWeight.RequireEpochs(Owner, WarmUp);

    /// <summary>The term's name in metrics and error messages: "logits kd".</summary>
    public string Name => $"logits {Loss.Name}";
}
