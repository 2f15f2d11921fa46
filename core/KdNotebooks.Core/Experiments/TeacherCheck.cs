using KdNotebooks.Data;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;

namespace KdNotebooks.Experiments;

/// <summary>What a teacher was measured to be worth before anything is learned from it.</summary>
/// <param name="Parameters">Trainable numbers.</param>
/// <param name="Validation">Top-1 accuracy on the validation images, in percent.</param>
/// <param name="Test">Top-1 accuracy on the test images, in percent; shown, never used to choose.</param>
/// <param name="Chance">What guessing gives, in percent.</param>
public sealed record TeacherCheck(
    string Name, string Model, long Parameters, double Validation, double Test, double Chance)
{
    // A tenth of the way from chance to perfect, whatever the number of classes: far below any teacher that is worth
    // its pass, far above what a wrong file or normalisation gives.
    private const double WorthItsPass = 0.1;

    /// <summary>Measures a teacher on the images that its students will see.</summary>
    /// <exception cref="KdException">It does not take these images, or is near chance.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled, which takes a batch.</exception>
    public static TeacherCheck Of(
        TrainedModel teacher, ImageData data, torch.Device device, CancellationToken cancellation = default)
    {
        if (teacher.Channels != data.Train.Channels || teacher.Classes != data.Train.ClassNames.Count)
        {
            throw new KdException(
                $"Teacher '{teacher.Name}' takes {teacher.Channels} channels and gives {teacher.Classes} classes; "
                + $"{data.Name} has {data.Train.Channels} and {data.Train.ClassNames.Count}.");
        }

        using var model = teacher.Build();
        model.to(device);
        var (validation, test) = (Accuracy(data.Validation), Accuracy(data.Test));
        var check = new TeacherCheck(
            teacher.Name, teacher.Spec.Name, model.parameters().Sum(p => p.numel()), validation, test,
            100.0 / teacher.Classes);
        return check.Validation >= check.Chance + (WorthItsPass * (100 - check.Chance)) ? check : throw new KdException(
            $"Teacher '{check.Name}' reaches {check.Validation:F2} % on the validation images of {data.Name}, near "
            + $"chance ({check.Chance:F2} %). Nothing can be learned from it: check that these weights belong to this "
            + "dataset.");

        double Accuracy(ImageSet images) =>
            Classification.Evaluate([model], images, data.Mean, data.Std, device, cancellation)[0].Accuracy;
    }

    public override string ToString() =>
        $"{Name}: {Model}, {Parameters:N0} parameters\n{Validation:F2} % on validation, {Test:F2} % on test "
        + $"(chance {Chance:F0} %)";
}
