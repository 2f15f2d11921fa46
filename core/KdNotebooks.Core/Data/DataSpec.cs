using System.Text.Json.Serialization;

namespace KdNotebooks.Data;

/// <summary>Which images, and how many of them.</summary>
/// <param name="Name">
/// "fashion-mnist-mini" (in the package), "fashion-mnist", "fashion-scenes", "fashion-things", "cifar-10", "cifar-100",
/// "cityscapes", "coco", "image-folder" and "imagenet" (a folder a class), "idx" (files in MNIST's layout), or a name of one's own.
/// </param>
/// <param name="Train">How many training images; null takes all.</param>
/// <param name="Validation">How many validation images; null takes all.</param>
/// <param name="Test">How many test images; null takes all.</param>
/// <param name="Folder">
/// Where "cifar-10", "cifar-100", "cityscapes", "coco", a folder of images or "idx" lies, or scenes that were written to files; null for what needs
/// none.
/// </param>
/// <param name="Size">
/// Height and width of the scenes of "fashion-scenes", or of what is cut out of the images of "image-folder" and "imagenet", in
/// pixels; null for the usual.
/// </param>
/// <param name="KeepEmpty">
/// Whether training images of "coco" without an object to learn from are kept. The default value is false, as in
/// mmdetection, Detectron2 and torchvision's references.
/// </param>
/// <param name="Resize">
/// What the shorter side of an image of "image-folder" or "imagenet" is resized to before its middle is cut out; null for 8/7 of
/// the size, 256 for 224.
/// </param>
/// <param name="HoldOut">
/// The share of each class's training images that is validation, where a dataset has no such split; null for what the dataset
/// does where nothing is said ("cifar-10" and "cifar-100" hold a tenth out; 0 takes all training images, and reports the test images as
/// validation).
/// </param>
/// <param name="SkipDamaged">
/// Whether images of "image-folder" or "imagenet" that cannot be read are left out and counted in the manifest. The default value
/// is false: the first one stops the run and is named.
/// </param>
public sealed record DataSpec(
    string Name, int? Train = null, int? Validation = null, int? Test = null, string? Folder = null, int? Size = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool KeepEmpty = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int? Resize = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] double? HoldOut = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool SkipDamaged = false)
{
    /// <summary>The same with other numbers of images; what is null is all.</summary>
    public DataSpec Taking(int? train, int? validation, int? test) =>
        this with { Train = train, Validation = validation, Test = test };

    /// <summary>The same in another folder.</summary>
    public DataSpec At(string folder) => this with { Folder = folder };

    /// <summary>The same in another size.</summary>
    /// <param name="size">Height and width in pixels.</param>
    /// <param name="resize">As <see cref="Resize"/>; the default value null is the usual.</param>
    public DataSpec Sized(int size, int? resize = null) => this with { Size = size, Resize = resize };

    /// <summary>The same with another share of the training images as validation.</summary>
    public DataSpec HoldingOut(double share) => this with { HoldOut = share };

    /// <summary>The same without the images that cannot be read.</summary>
    public DataSpec SkippingDamaged() => this with { SkipDamaged = true };
}
