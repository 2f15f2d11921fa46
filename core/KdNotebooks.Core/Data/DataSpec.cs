using System.Text.Json.Serialization;

namespace KdNotebooks.Data;

/// <summary>Which images, and how many of them.</summary>
/// <param name="Name">
/// "fashion-mnist-mini" (in the package), "fashion-mnist", "fashion-scenes", "fashion-things", "cityscapes", "coco",
/// "idx" (files in MNIST's layout), or a name of one's own.
/// </param>
/// <param name="Train">How many training images; null takes all.</param>
/// <param name="Validation">How many validation images; null takes all.</param>
/// <param name="Test">How many test images; null takes all.</param>
/// <param name="Folder">
/// Where "cityscapes", "coco" or "idx" lies, or scenes that were written to files; null for what needs none.
/// </param>
/// <param name="Size">Height and width of the scenes of "fashion-scenes", in pixels; null for the usual.</param>
/// <param name="KeepEmpty">
/// Whether training images of "coco" without an object to learn from are kept. The default value is false, as in
/// mmdetection, Detectron2 and torchvision's references.
/// </param>
public sealed record DataSpec(
    string Name, int? Train = null, int? Validation = null, int? Test = null, string? Folder = null, int? Size = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool KeepEmpty = false);
