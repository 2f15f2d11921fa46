using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tasks.Classification;

/// <summary>Names <see cref="ClassificationTask"/>; it has no options.</summary>
public sealed record ClassificationSpec : ITaskSpec
{
    IAugmentation ITaskSpec.UsualAugmentation => new PaddedCrop();

    public bool Fits(Dataset data) => data.Train.TargetType == typeof(ClassIndex);

    public ITask On(Dataset data, IAugmentation augmentation) =>
        Fits(data) ? new ClassificationTask(data, augmentation) : throw new KdException(
            $"Classification: {data.Name} has no class for each image. Name another task (`task segmentation` where there "
            + "is one class for each pixel), or choose fashion-mnist or fashion-mnist-mini.");
}
