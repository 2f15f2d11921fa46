using static TorchSharp.torch.nn;

namespace KdNotebooks.Models;

/// <summary>A <see cref="ResNet"/> for small images.</summary>
/// <param name="Depth">6n + 2. The default value is 8.</param>
/// <param name="Width">Channels of the first stage. The default value is 8.</param>
public sealed record ResNetSpec(int Depth = 8, int Width = 8) : IModelSpec
{
    public string Name => $"ResNet-{Depth} (width {Width})";

    public ResNet Build(int channels, int classes) => new(Depth, Width, channels, classes);

    Module IModelSpec.Build(int channels, int classes) => Build(channels, classes);
}
