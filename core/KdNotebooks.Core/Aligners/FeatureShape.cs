namespace KdNotebooks.Aligners;

/// <summary>The shape of a feature map for one image.</summary>
public readonly record struct FeatureShape(long Channels, long Height, long Width)
{
    /// <param name="map">[N, C, H, W]</param>
    public static FeatureShape Of(Tensor map) => new(map.shape[1], map.shape[2], map.shape[3]);

    public bool SameSize(FeatureShape other) => Height == other.Height && Width == other.Width;

    public override string ToString() => $"[{Channels}, {Height}, {Width}]";
}
