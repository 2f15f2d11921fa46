using System.Text.Json.Serialization;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;

namespace KdNotebooks.Teachers;

/// <summary>What a teacher was measured to be worth before anything is learned from it.</summary>
/// <param name="Parameters">Trainable numbers.</param>
/// <param name="Validation">
/// The task's headline metric on the validation images, in percent; not a number where <see cref="Unmeasured"/> says
/// why.
/// </param>
/// <param name="Test">
/// The same on the test images, in percent; shown, never used to choose. Null where their labels are not published.
/// </param>
/// <param name="Chance">What guessing gives at most, in percent.</param>
/// <param name="Metric">The headline metric. The default value is "accuracy".</param>
/// <param name="Unit">Its unit. The default value is "%".</param>
public sealed record TeacherCheck(
    string Name, string Model, long Parameters,
    [property: JsonConverter(typeof(NumberOrNull))] double Validation, double? Test, double Chance,
    string Metric = MetricKind.Unsaid, string Unit = MetricKind.Percent)
{
    /// <summary>
    /// Why it was not measured: "it tells 100 classes apart, fashion-mnist-mini has 10". Null where it was.
    /// </summary>
    public string? Unmeasured { get; init; }

    // A tenth of the way from chance to perfect, whatever the number of classes: far below any teacher that is worth
    // its pass, far above what a wrong file or normalization gives.
    private const double WorthItsPass = 0.1;

    private string Prefix => MetricKind.Named(Metric).Prefix;

    private string Sign => Unit.Length > 0 ? $" {Unit}" : "";

    /// <summary>Measures a teacher on the images that its students will see.</summary>
    /// <exception cref="KdException">It does not take these images, or is near chance.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled, which takes a batch.</exception>
    public static TeacherCheck Of(
        TrainedModel teacher, ITask task, torch.Device device, CancellationToken cancellation = default)
    {
        var data = task.Data;
        teacher.RequireFit(task);
        var network = teacher.BuildFor(data);
        using var model = network.Root;
        model.to(device);
        var validation = Headline("validation");
        var check = new TeacherCheck(
            teacher.Name, teacher.Spec.Name, model.parameters().Sum(p => p.numel()), validation.Value,
            data.Test is null ? null : Headline("test").Value, task.Chance, validation.Name, validation.Kind.Unit);
        // Of a metric that falls, both differences are below 0.
        var share = (check.Validation - check.Chance) / (task.Perfect - check.Chance);
        return share >= WorthItsPass ? check : throw new KdException(
            $"Teacher '{check.Name}' reaches {check.Prefix}{check.Validation:F2}{check.Sign} on the validation images of "
            + $"{data.Name}, near chance ({check.Chance:F2}{check.Sign}). Nothing can be learned from it: check that these weights "
            + "belong to this dataset.");

        Metric Headline(string split)
        {
            try
            {
                return Evaluation.Scores(task, [network], split, device, cancellation)[0].Headline;
            }
            catch (Exception error) when (teacher.IsWeightsAlone && error is not (KdException or OperationCanceledException))
            {
                // Nothing but the network's name says what it is for: a classifier may stand where label maps are learned.
                throw new KdException(
                    $"Teacher '{teacher.Name}' ({teacher.Spec.Name}) does not give what is learned on {data.Name}: "
                    + $"{Failure.Line(error)} Choose a network for this task.",
                    error);
            }
        }
    }

    /// <summary>
    /// Of a teacher that students are held to by its maps alone: one of as many classes is measured, one of others, or of
    /// the same in another order, cannot be.
    /// </summary>
    /// <inheritdoc cref="Of"/>
    internal static TeacherCheck OfMaps(
        TrainedModel teacher, ITask task, torch.Device device, CancellationToken cancellation = default)
    {
        if (teacher.HasClassesOf(task) && teacher.WrongOrder(task) is null)
        {
            return Of(teacher, task, device, cancellation);
        }

        teacher.RequireTeachable(task);
        using var model = teacher.Build().Root;
        return new TeacherCheck(
            teacher.Name, teacher.Spec.Name, model.parameters().Sum(p => p.numel()), double.NaN, null, task.Chance)
        {
            Unmeasured = teacher.WrongOrder(task)
                ?? $"it tells {teacher.Classes} classes apart, {task.Data.Name} has {task.Outputs}",
        };
    }

    public override string ToString() => Unmeasured is { } why
        ? $"{Name}: {Model}, {Parameters:N0} parameters\nnot measured: {why}; it teaches by its maps alone"
        : $"{Name}: {Model}, {Parameters:N0} parameters\n{Prefix}{Validation:F2}{Sign} on validation, "
        + $"{(Test is { } test ? $"{test:F2}{Sign} on test" : "test labels are not published")} "
        + $"(chance {Chance:F0}{Sign})";
}
