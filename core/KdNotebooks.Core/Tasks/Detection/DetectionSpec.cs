using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tasks.Detection;

/// <summary>Names <see cref="DetectionTask"/>, with its options.</summary>
/// <param name="Masks">Whether masks are learned and judged, too: instance segmentation. The default value is false.</param>
/// <param name="ShortSide">
/// What the shorter side of an image is resized to in evaluation, in pixels; null (the default) leaves images as they are.
/// COCO's recipes say 800. (In training the augmentation does it.)
/// </param>
/// <param name="LongSide">What the longer side is at most, whatever the shorter one then is. The default is 1333.</param>
/// <param name="Stride">
/// Of what a batch's height and width are multiples: images are padded at the right and the bottom. The default value
/// is 32.
/// </param>
public sealed record DetectionSpec(bool Masks = false, int? ShortSide = null, int LongSide = 1333, int Stride = 32)
    : ITaskSpec
{
    IAugmentation ITaskSpec.UsualAugmentation => new PaddedCrop(0, Flip: true);

    // Heads differ from detector to detector, and give no logits to compare: maps of the pyramid are.
    IReadOnlyList<string> ITaskSpec.UsualMethods => ["none", "linear", "paper", "mgd"];

    public bool Fits(Dataset data) => data.TargetType == typeof(Things);

    public ITask On(Dataset data, IAugmentation augmentation) =>
        Fits(data) ? new DetectionTask(data, augmentation, this) : throw new KdException(
            $"Detection: {data.Name} has no boxes. Choose fashion-things, or another task.");

    internal void RequireSound()
    {
        if (ShortSide is < 1 or > 8192 || LongSide is < 1 or > 8192 || Stride is < 1 or > 256)
        {
            throw new KdException(
                $"Detection: short side {ShortSide}, long side {LongSide}, stride {Stride}; expected 1 to 8192 pixels, and a "
                + "stride of 1 to 256.");
        }
    }
}
