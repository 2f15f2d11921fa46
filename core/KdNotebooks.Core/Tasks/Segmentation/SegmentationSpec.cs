using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tasks.Segmentation;

/// <summary>Names <see cref="SegmentationTask"/>, with its options.</summary>
/// <param name="AuxiliaryWeight">
/// Of the auxiliary head's loss beside the head's, at least 0. The default value is 0.4, PSPNet's and mmsegmentation's.
/// </param>
/// <param name="ClassWeights">
/// What a pixel of each class counts in the loss, each greater than 0; null (the default) weighs all alike.
/// </param>
/// <param name="Window">Evaluation in windows; null (the default) evaluates each image whole.</param>
public sealed record SegmentationSpec(
    double AuxiliaryWeight = 0.4, IReadOnlyList<double>? ClassWeights = null, SlidingWindow? Window = null) : ITaskSpec
{
    IAugmentation ITaskSpec.UsualAugmentation => new ResizedCrop();

    // KD then compares pixel by pixel; CWD, a method of segmentation's own, map by map.
    IReadOnlyList<string> ITaskSpec.UsualMethods => ["none", "paper", "kd", "cwd"];

    public bool Fits(Dataset data) => data.TargetType == typeof(LabelMap);

    public ITask On(Dataset data, IAugmentation augmentation) =>
        Fits(data) ? new SegmentationTask(data, augmentation, this) : throw new KdException(
            $"Segmentation: {data.Name} has no class for each pixel. Choose fashion-scenes or cityscapes, or leave `task` "
            + "out for classification.");

    // By content: a record compares its lists by reference.
    public bool Equals(SegmentationSpec? other) => other is not null && AuxiliaryWeight.Equals(other.AuxiliaryWeight)
        && Window == other.Window && (ClassWeights is null
            ? other.ClassWeights is null
            : other.ClassWeights is not null && ClassWeights.SequenceEqual(other.ClassWeights));

    public override int GetHashCode() => HashCode.Combine(AuxiliaryWeight, Window, ClassWeights?.Count);

    internal void RequireSound(Dataset data)
    {
        Window?.RequireSound();
        if (!(AuxiliaryWeight >= 0) || !double.IsFinite(AuxiliaryWeight))
        {
            throw new KdException(
                $"Segmentation: the auxiliary loss weighs {AuxiliaryWeight}; expected a finite number of at least 0.");
        }

        var classes = data.ClassNames.Count;
        if (ClassWeights is not null
            && (ClassWeights.Count != classes || !ClassWeights.All(weight => weight > 0 && double.IsFinite(weight))))
        {
            throw new KdException(
                $"Segmentation: the class weights are [{string.Join(", ", ClassWeights)}]; expected {classes} finite "
                + $"numbers greater than 0, one for each class of {data.Name}.");
        }
    }
}
