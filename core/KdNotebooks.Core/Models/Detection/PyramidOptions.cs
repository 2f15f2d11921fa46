using KdNotebooks.Runtime;

namespace KdNotebooks.Models.Detection;

/// <summary>
/// A residual backbone with a feature pyramid on it. Which of its stages and normalizations are frozen, a recipe says
/// (<c>ParameterRules</c>): torchvision freezes "backbone.body.layer1" and the norms of a pretrained "backbone.body".
/// </summary>
/// <param name="Body">The residual network: depth, width, groups, channels of the image; without classes.</param>
/// <param name="Channels">Of every level of the pyramid. The default value is 256.</param>
public sealed record PyramidOptions(DeepResNetOptions Body, int Channels = 256)
{
    /// <exception cref="KdException">An option is out of its range.</exception>
    internal void RequireSound()
    {
        if (Body.Classes != 0 || Body.OutputStride != 32)
        {
            throw new KdException(
                $"Pyramid: a backbone of {Body.Classes} classes and output stride {Body.OutputStride}; expected none, and "
                + "32: a pyramid takes the stages' own sizes.");
        }

        if (Channels < 1)
        {
            throw new KdException($"Pyramid: {Channels} channels; expected at least 1.");
        }
    }
}
