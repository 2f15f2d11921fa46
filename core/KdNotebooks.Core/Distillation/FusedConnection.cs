using KdNotebooks.Losses;

namespace KdNotebooks.Distillation;

/// <summary>Two maps of one size: a student's and a teacher's.</summary>
/// <param name="Student">Module path of the student's map.</param>
/// <param name="Teacher">Module path of the teacher's map.</param>
public sealed record Stage(string Student, string Teacher);

/// <summary>
/// Several stages held to the teacher together, each of the student's with what its deeper stages know: knowledge
/// review, Chen et al. 2021 (arXiv:2104.09044). The loss is summed over the stages.
/// </summary>
/// <param name="Stages">
/// From shallow to deep, at least two; the maps of a stage have one height and width. Any channels fit.
/// </param>
/// <param name="Loss">Compares the maps of one stage; the paper's is the hierarchical context loss.</param>
/// <param name="Alpha">
/// The weight beside the task loss, 0 to 1e7; 0 turns it off. In mdistiller, with its loss, 5 (CIFAR-100), 1 (ImageNet,
/// R34 to R18) or 8 (R50 to MobileNetV1).
/// </param>
/// <param name="Mid">
/// Channels in which the stages are fused. The default value is null: as many as the student's deepest map has, at most
/// 512. (mdistiller has a setting for it, which its code does not read.)
/// </param>
/// <param name="WarmUp">
/// Epochs over which the weight grows to alpha, by an equal step each; 0 (the default): none. mdistiller has 20
/// (CIFAR-100).
/// </param>
/// <exception cref="Runtime.KdException">Alpha or the warm-up is out of its range.</exception>
public sealed record FusedConnection(
    IReadOnlyList<Stage> Stages, IFeatureLoss Loss, double Alpha, int? Mid = null, int WarmUp = 0)
{
    private const string Owner = "Review";

    // All are stated, so that they are written to JSON in their order.
    public IReadOnlyList<Stage> Stages { get; init; } = Stages;

    public IFeatureLoss Loss { get; init; } = Loss;

    public double Alpha { get; init => field = TermWeight.Require(Owner, "alpha", value); } =
        TermWeight.Require(Owner, "alpha", Alpha);

    public int? Mid { get; init; } = Mid;

    public int WarmUp { get; init => field = TermWeight.RequireEpochs(Owner, value); } =
        TermWeight.RequireEpochs(Owner, WarmUp);

    /// <summary>
    /// The term's name in metrics and error messages: "layer1+layer2+layer3 review hcl", with " to " between the
    /// student's paths and the teacher's where they differ.
    /// </summary>
    public string Name
    {
        get
        {
            var (ours, theirs) = (Paths(stage => stage.Student), Paths(stage => stage.Teacher));
            return $"{(ours == theirs ? ours : $"{ours} to {theirs}")} review {Loss.Name}";
        }
    }

    // By content: a record compares its lists by reference.
    public bool Equals(FusedConnection? other) => other is not null && Stages.SequenceEqual(other.Stages)
        && (Loss, Alpha, Mid, WarmUp).Equals((other.Loss, other.Alpha, other.Mid, other.WarmUp));

    public override int GetHashCode() => HashCode.Combine(Stages.Count, Loss, Alpha, Mid, WarmUp);

    private string Paths(Func<Stage, string> path) => string.Join('+', Stages.Select(path));
}
