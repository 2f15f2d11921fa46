using KdNotebooks.Data;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;

namespace KdNotebooks.Guests.MultiLabel;

/// <summary>Names <see cref="MultiLabelTask"/>.</summary>
/// <param name="CountWeight">
/// Of the second output's loss, where a network has one; at least 0. The default value is 0.1.
/// </param>
public sealed record MultiLabelSpec(double CountWeight = 0.1) : ITaskSpec
{
    public IAugmentation UsualAugmentation => new PaddedCrop(1, Flip: false);

    public bool Fits(Dataset data) => data.Train.TargetType == typeof(LabelSet);

    public ITask On(Dataset data, IAugmentation augmentation) => !Fits(data)
        ? throw new KdException($"Multi-label: {data.Name} has no set of classes for each image; choose garment rows.")
        : CountWeight < 0
            ? throw new KdException($"Multi-label: the count weighs {CountWeight}; expected at least 0.")
            : new MultiLabelTask(this, data, augmentation);
}
