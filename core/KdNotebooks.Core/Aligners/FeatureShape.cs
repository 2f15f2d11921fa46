using KdNotebooks.Runtime;

namespace KdNotebooks.Aligners;

/// <summary>The shape of a feature map for one image.</summary>
public readonly record struct FeatureShape(long Channels, long Height, long Width)
{
    /// <param name="map">[N, C, H, W]</param>
    public static FeatureShape Of(Tensor map) => new(map.shape[1], map.shape[2], map.shape[3]);

    /// <param name="path">Whose map it is, for the message.</param>
    /// <param name="shape">[C, H, W]</param>
    /// <exception cref="KdException">It is the shape of something else.</exception>
    internal static FeatureShape Of(string path, long[] shape) => shape is [var channels, var height, var width]
        ? new FeatureShape(channels, height, width)
        : throw new KdException(
            $"Tap '{path}' gives [{string.Join(", ", shape)}] for one image; a connection needs a map [C, H, W].");

    public bool SameSize(FeatureShape other) => Height == other.Height && Width == other.Width;

    public override string ToString() => $"[{Channels}, {Height}, {Width}]";
}
