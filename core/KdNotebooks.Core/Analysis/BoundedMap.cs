namespace KdNotebooks.Analysis;

/// <summary>
/// Maps of many images are kept to be compared: those of large images are brought down to a size that can be kept.
/// </summary>
internal static class BoundedMap
{
    private const int Most = 32;

    /// <summary>
    /// [N, C, H, W] averaged to at most 32 positions along its longer side, its shape kept; smaller maps, and what is
    /// no map, as they are. Owned by the caller.
    /// </summary>
    public static Tensor Of(Tensor map)
    {
        if (map.dim() != 4 || Math.Max(map.shape[2], map.shape[3]) <= Most)
        {
            return map.alias();
        }

        var share = (double)Most / Math.Max(map.shape[2], map.shape[3]);
        return nn.functional.adaptive_avg_pool2d(map, (Side(map.shape[2]), Side(map.shape[3])));

        long Side(long positions) => Math.Max(1, (long)Math.Round(positions * share));
    }
}
