using KdNotebooks.Runtime;

namespace KdNotebooks.Models.Detection;

/// <summary>Which <see cref="FasterRcnn"/>. The defaults are torchvision's, and the papers' where these say something.</summary>
/// <param name="Backbone">With its pyramid.</param>
/// <param name="Classes">How many, without background.</param>
/// <param name="Masks">Whether it is Mask R-CNN: He et al. 2017 (arXiv:1703.06870). The default value is false.</param>
/// <param name="SmallestAnchor">Side in pixels of the finest level's anchors; each level's are twice as large.</param>
/// <param name="HeadWidth">Of the box head's two hidden layers. The default value is 1024.</param>
/// <param name="MaskWidth">Channels of the mask head. The default value is 256.</param>
/// <param name="Proposals">What the first stage hands to the second; null (the default) means its defaults.</param>
/// <param name="Regions">
/// How many proposals of an image the second stage learns from, a quarter of them foreground at most. The default is 512.
/// </param>
/// <param name="Limits">Which boxes are given out; null (the default) means <see cref="DetectionLimits"/>' defaults.</param>
/// <param name="Cascade">
/// Whether three box heads refine one another's boxes: Cascade R-CNN, Cai and Vasconcelos 2018 (arXiv:1712.00726). The
/// default value is false. As in mmdetection each stage has one box for all classes, and the stages' mean decides on the
/// class: the mean of their probabilities, as in the authors' code and in detectron2. There is one mask head, fed by the
/// first stage (detectron2; mmdetection has one a stage). Deformable convolution, which the paper's teacher has in its
/// backbone, is not here.
/// </param>
public sealed record FasterRcnnOptions(
    PyramidOptions Backbone, int Classes, bool Masks = false, int SmallestAnchor = 32, int HeadWidth = 1024,
    int MaskWidth = 256, ProposalOptions? Proposals = null, int Regions = 512, DetectionLimits? Limits = null,
    bool Cascade = false)
{
    /// <exception cref="KdException">An option is out of its range.</exception>
    internal void RequireSound()
    {
        Backbone.RequireSound();
        (Limits ?? new()).RequireSound();
        (Proposals ?? new()).RequireSound();
        if (Classes < 1 || SmallestAnchor is < 2 or > 512 || HeadWidth < 1 || MaskWidth < 1 || Regions < 1)
        {
            throw new KdException(
                $"Faster R-CNN: {Classes} classes, smallest anchor {SmallestAnchor}, head width {HeadWidth}, mask width "
                + $"{MaskWidth}, {Regions} regions; expected at least 1, 2 to 512 pixels, and at least 1 of each.");
        }
    }
}

/// <summary>What a proposal network hands on, and what it learns from.</summary>
/// <param name="BeforeTraining">Proposals a level before overlapping ones are dropped, in training.</param>
/// <param name="Before">The same in evaluation.</param>
/// <param name="AfterTraining">Proposals an image has then, in training.</param>
/// <param name="After">The same in evaluation.</param>
/// <param name="Overlap">Above which the less sure of two proposals is dropped. The default value is 0.7.</param>
/// <param name="Anchors">How many anchors of an image are learned from. The default value is 256.</param>
public sealed record ProposalOptions(
    int BeforeTraining = 2000, int Before = 1000, int AfterTraining = 2000, int After = 1000, double Overlap = 0.7,
    int Anchors = 256)
{
    /// <exception cref="KdException">A number is out of its range.</exception>
    internal void RequireSound()
    {
        if (BeforeTraining < 1 || Before < 1 || AfterTraining < 1 || After < 1 || Anchors < 1 || Overlap is not (> 0 and <= 1))
        {
            throw new KdException($"Faster R-CNN: {this}; expected counts of at least 1, and an overlap above 0 and up to 1.");
        }
    }
}
