using KdNotebooks.Tracing;

namespace KdNotebooks.Models;

/// <summary>
/// Dropout of a head. Its mask is drawn by torch's CPU generator wherever the map is: that is the state which a student
/// in a cohort has for itself, so that it ends as it would alone.
/// </summary>
internal static class HeadDropout
{
    /// <param name="map">[N, C, H, W].</param>
    /// <param name="rate">How likely a value is set to 0; what is kept grows by 1 / (1 - rate).</param>
    /// <param name="training">Outside training the map goes through as it is.</param>
    /// <param name="channels">Whether a channel of an image is dropped whole, or every value by itself.</param>
    public static Tensor Apply(Tensor map, double rate, bool training, bool channels = false)
    {
        if (!training || rate == 0)
        {
            return Traced.Same(map, map.alias());
        }

        using var scope = torch.NewDisposeScope();
        long[] shape = channels ? [map.shape[0], map.shape[1], 1, 1] : map.shape;
        var kept = torch.rand(shape, device: torch.CPU).ge(rate).to(map.dtype, map.device) / (1 - rate);
        return (map * kept).MoveToOuterDisposeScope();
    }
}
