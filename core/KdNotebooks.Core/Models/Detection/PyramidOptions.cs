using KdNotebooks.Runtime;

namespace KdNotebooks.Models.Detection;

/// <summary>
/// A residual backbone with a feature pyramid on it. A recipe can freeze any other part of a student
/// (<c>ParameterRules</c>).
/// </summary>
/// <param name="Body">
/// The residual network: depth, width, groups, channels of the image, whether its normalizations are frozen; without
/// classes.
/// </param>
/// <param name="Channels">Of every level of the pyramid. The default value is 256.</param>
public sealed record PyramidOptions(DeepResNetOptions Body, int Channels = 256)
{
    /// <summary>
    /// How many parts of the body are trained, from its last stage down: 0 to 5, as torchvision's
    /// <c>trainable_backbone_layers</c>. 5 is all, 4 all but the stem, 3 all but stem and first stage. What is not keeps its
    /// weights and, other than in torchvision, its normalizations' statistics. Null (the default) is all.
    /// </summary>
    public int? TrainableLayers { get; init; }

    /// <summary>
    /// Beside the variance in the body's frozen normalizations; null (the default) is 1e-5, and with torchvision's COCO_V1
    /// weights it is 0.
    /// </summary>
    public double? FrozenEpsilon { get; init; }

    /// <exception cref="KdException">An option is out of its range.</exception>
    internal void RequireSound()
    {
        if (Body.Classes != 0 || Body.OutputStride != 32)
        {
            throw new KdException(
                $"Pyramid: a backbone of {Body.Classes} classes and output stride {Body.OutputStride}; expected none, and "
                + "32: a pyramid takes the stages' own sizes.");
        }

        if (TrainableLayers is < 0 or > 5)
        {
            throw new KdException(
                $"Pyramid: {TrainableLayers} trainable layers; expected 0 to 5: stem and four stages, the deepest first.");
        }

        if (FrozenEpsilon is not (null or >= 0 and <= 1) || (FrozenEpsilon is not null && !Body.FrozenNorms))
        {
            throw new KdException(
                $"Pyramid: {FrozenEpsilon} beside the variance of frozen normalizations, which are "
                + $"{(Body.FrozenNorms ? "frozen" : "not frozen")}; expected 0 to 1, where they are.");
        }

        if (Channels < 1)
        {
            throw new KdException($"Pyramid: {Channels} channels; expected at least 1.");
        }
    }
}
