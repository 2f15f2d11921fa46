using KdNotebooks.Models;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Experiments;

/// <summary>Which images, and how many of them.</summary>
/// <param name="Name">"fashion-mnist-mini" (in the package), "fashion-mnist", "fashion-scenes" or "cityscapes".</param>
/// <param name="Train">How many training images; null takes all.</param>
/// <param name="Validation">How many validation images; null takes all.</param>
/// <param name="Test">How many test images; null takes all.</param>
/// <param name="Folder">
/// Where "cityscapes" lies, or scenes that were written to files; null for what needs none.
/// </param>
/// <param name="Size">Height and width of the scenes of "fashion-scenes", in pixels; null for the usual.</param>
public sealed record DataSpec(
    string Name, int? Train = null, int? Validation = null, int? Test = null, string? Folder = null, int? Size = null);

/// <summary>Which trained teacher, and how its outputs reach the students.</summary>
/// <param name="Weights">The name of one in the package ("fashion-teacher"), or the path of a safetensors file.</param>
/// <param name="Source">The default value is <see cref="TeacherSource.Live"/>.</param>
/// <param name="CacheFolder">
/// Where <see cref="TeacherSource.Disk"/> keeps its files; null for the user's cache folder.
/// </param>
public sealed record TeacherSpec(string Weights, TeacherSource Source = TeacherSource.Live, string? CacheFolder = null);

/// <summary>Where a teacher's outputs come from.</summary>
public enum TeacherSource
{
    /// <summary>A pass of the frozen teacher for every batch.</summary>
    Live,

    /// <summary>Passed once for each view of each image, kept in memory.</summary>
    Memory,

    /// <summary>Passed once for each view of each image, kept in files that later runs use again.</summary>
    Disk,
}

/// <summary>An untrained model of a given shape.</summary>
public interface IModelSpec
{
    /// <summary>In tables: "ResNet-8 (width 8)".</summary>
    string Name { get; }

    /// <param name="channels">Of the image.</param>
    /// <param name="classes">How many logits.</param>
    Module<Tensor, Tensor> Build(int channels, int classes);
}

/// <summary>A <see cref="ResNet"/> for small images.</summary>
/// <param name="Depth">6n + 2. The default value is 8.</param>
/// <param name="Width">Channels of the first stage. The default value is 8.</param>
public sealed record ResNetSpec(int Depth = 8, int Width = 8) : IModelSpec
{
    public string Name => $"ResNet-{Depth} (width {Width})";

    public Module<Tensor, Tensor> Build(int channels, int classes) => new ResNet(Depth, Width, channels, classes);
}
