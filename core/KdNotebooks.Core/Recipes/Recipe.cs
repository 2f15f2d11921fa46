using System.Text.Json.Serialization;
using KdNotebooks.Catalogue;
using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Models;
using KdNotebooks.Tasks;
using KdNotebooks.Training;
using KdNotebooks.Weights;

namespace KdNotebooks.Recipes;

/// <summary>
/// Everything that decides how one student comes out, as a value. Two runs of one recipe on one machine's CPU give the
/// same weights, bit for bit.
/// </summary>
public sealed record Recipe
{
    /// <summary>What the run is called in tables; recipes of one method differ in their seed only.</summary>
    public required string Method { get; init; }

    public required DataSpec Data { get; init; }

    /// <summary>What is learned. The default value is classification.</summary>
    public ITaskSpec Task { get; init; } = PartKinds.UsualTask;

    /// <summary>Null for a student that learns alone, and for training a teacher.</summary>
    public TeacherSpec? Teacher { get; init; }

    /// <summary>
    /// Teachers beside <see cref="Teacher"/>, each with what the student is held to it by. Null (the default) for none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FurtherTeacher>? FurtherTeachers { get; init; }

    public required IModelSpec Student { get; init; }

    /// <summary>What the student begins with; null (the default) draws all weights from the seed.</summary>
    public InitialWeights? Initial { get; init; }

    /// <summary>
    /// Module paths of the student that begin with the teacher's weights and statistics at the same paths, after
    /// <see cref="Initial"/>: ["head"]. Null (the default) for none. What stands elsewhere begins as it would without.
    /// A protocol of detection: docs/method.md, 2.2.
    /// </summary>
    /// <exception cref="Runtime.KdException">The list is empty, or one of its paths is missing.</exception>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Inherited { get; init => field = Inheritance.Require(value); }

    /// <summary>Feature maps held to the teacher's. The default is none.</summary>
    public IReadOnlyList<Connection> Connections { get; init; } = [];

    /// <summary>
    /// Several stages held to the teacher's together, each with what the deeper ones know. The default value is null: none.
    /// </summary>
    public FusedConnection? Fused { get; init; }

    /// <summary>Logits held to the teacher's. The default value is null: not.</summary>
    public LogitConnection? Logits { get; init; }

    /// <summary>
    /// Of the task loss, beside alpha of the maps and the weight of the logits; 0 to 1e7. The default value is 1; some
    /// methods' reference code has another (KD on CIFAR-100: 0.1). A student alone has 1
    /// (<see cref="RecipeChanges.Alone"/>).
    /// </summary>
    /// <exception cref="Runtime.KdException">It is out of its range.</exception>
    public double TaskWeight { get; init => field = TermWeight.Require("Recipe", "the task's weight", value); } = 1;

    /// <summary>The default value is SGD at 0.1 with momentum 0.9 and weight decay 5e-4.</summary>
    public IOptimizer Optimizer { get; init; } = new Sgd();

    /// <summary>The default value is a cosine down to 0.</summary>
    public ISchedule Schedule { get; init; } = new Cosine();

    /// <summary>How often the student is measured and kept: after each. The default value is 8.</summary>
    public int Epochs { get; init; } = 8;

    /// <summary>
    /// Steps in all, cut into the epochs; null (the default) makes an epoch one pass over the images.
    /// </summary>
    public int? Iterations { get; init; }

    /// <summary>
    /// Images a step; what does not fill a last batch is left out of its epoch. The default value is 128.
    /// </summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>
    /// Parts of the student that are frozen, or have learning rates of their own; null (the default) for none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ParameterRules? Parameters { get; init; }

    /// <summary>Largest L2 norm of a step's gradient; null (the default) does not clip.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>
    /// Batches whose gradients are added up, each at its share, to one step of their common size; the gradient is clipped
    /// when all are in. Null (the default) steps with each batch.
    /// </summary>
    /// <exception cref="Runtime.KdException">It is below 1.</exception>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Accumulate
    {
        get;
        init => field = value is null or >= 1 ? value : throw new Runtime.KdException(
            $"Recipe: accumulate is {value}; expected at least 1 batch a step, or null.");
    }

    /// <summary>
    /// An average of the student's weights, which is kept and measured beside the last and the best student, as
    /// average.safetensors and the epoch "average". Null (the default) for none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WeightAverage? Average { get; init; }

    /// <summary>When training ends before the last epoch. Null (the default) for never.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EarlyStopping? EarlyStopping { get; init; }

    /// <summary>
    /// Of training images. The default value is crops after 2 pixels of padding, and flips.
    /// </summary>
    public IAugmentation Augmentation { get; init; } = new PaddedCrop();

    /// <summary>"auto", "cpu" or "cuda:N". The default value is "auto".</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Decides first weights, order of images and augmentation. The default value is 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Whether a teacher's outputs are used.</summary>
    public bool Distils => Guidance.NeedsTeacher || FurtherTeachers is { Count: > 0 };

    /// <summary>Everywhere that the student is held to its teachers.</summary>
    public Guidance Guidance => new(Connections, Logits, Fused)
    {
        Further = [.. (FurtherTeachers ?? []).OfType<FurtherTeacher>().Select(further => new FurtherGuidance(
            further.Teacher.Key, further.Weight, further.Guidance))],
    };

    /// <summary>Its teacher and those beside it.</summary>
    internal IEnumerable<TeacherSpec> Teachers => new[] { Teacher }.OfType<TeacherSpec>()
        .Concat((FurtherTeachers ?? []).Select(further => further.Teacher));

    /// <summary>SHA-256 over every field, 64 lower-case hex digits.</summary>
    public string Hash() => RecipeJson.Hash(this);

    // By content: a record compares its lists by reference.
    public bool Equals(Recipe? other) => other is not null && RecipeJson.Write(this) == RecipeJson.Write(other);

    public override int GetHashCode() => RecipeJson.Write(this).GetHashCode(StringComparison.Ordinal);
}
