using System.Text.Json.Serialization;
using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tasks.Classification;

/// <summary>Names <see cref="ClassificationTask"/>.</summary>
/// <param name="LabelSmoothing">
/// The share of each label that is spread over all classes, 0 to below 1: Szegedy et al. 2016 (arXiv:1512.00567). The loss
/// that is measured is that of the labels as they are. The default value is 0: none.
/// </param>
/// <exception cref="KdException">The smoothing is out of its range.</exception>
public sealed record ClassificationSpec(double LabelSmoothing = 0) : ITaskSpec
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double LabelSmoothing { get; init => field = Require(value); } = Require(LabelSmoothing);

    IAugmentation ITaskSpec.UsualAugmentation => new PaddedCrop();

    public bool Fits(Dataset data) => data.TargetType == typeof(ClassIndex);

    public ITask On(Dataset data, IAugmentation augmentation) =>
        Fits(data) ? new ClassificationTask(data, augmentation, this) : throw new KdException(
            $"Classification: {data.Name} has no class for each image. Name another task (`task segmentation` where there "
            + "is one class for each pixel), or choose fashion-mnist or fashion-mnist-mini.");

    private static double Require(double share) => share is >= 0 and < 1 ? share : throw new KdException(
        $"Classification: the label smoothing is {share}; expected 0 (none) to below 1, such as 0.1.");
}
