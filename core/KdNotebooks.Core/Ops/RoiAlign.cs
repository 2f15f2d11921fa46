using System.Numerics;
using System.Runtime.InteropServices;
using KdNotebooks.Runtime;

namespace KdNotebooks.Ops;

/// <summary>
/// The part of a map inside a region, as size x size bins, each the mean of bilinear samples. He et al. 2017
/// (arXiv:1703.06870), sect. 3; values and gradients as torchvision's roi_align and MultiScaleRoIAlign.
/// </summary>
/// <remarks>
/// A bin is a weighted sum of rows of the map seen as [N H W, C], which a map in channels-last is without a copy. That
/// is libtorch's embedding_bag: one fused call with a gradient, on every device. TorchSharp binds it as a module only,
/// so that it is called as a TorchScript of one line. The result is in channels-last too.
/// </remarks>
public static class RoiAlign
{
    private static readonly Lazy<torch.jit.CompilationUnit> Script = new(() => torch.jit.compile("""
        def bags(rows: Tensor, positions: Tensor, starts: Tensor, weights: Tensor) -> Tensor:
            return torch.embedding_bag(rows, positions, starts, False, 0, False, weights)[0]

        """));

    /// <summary>Pools each region from one map. The gradient reaches the map, not the regions.</summary>
    /// <param name="map">[N, C, H, W]; in channels-last it is not copied</param>
    /// <param name="rois">[K, 5]: (index of the image, x1, y1, x2, y2), in pixels of the image; K may be 0</param>
    /// <param name="size">Bins along each side.</param>
    /// <param name="scale">The map's pixels to the image's: 0.25 for a stride of 4.</param>
    /// <param name="samplingRatio">
    /// Samples of a bin along each side; at most 0 for as many as a bin has pixels of the map. The default value is -1.
    /// </param>
    /// <param name="aligned">
    /// Whether a pixel's value stands at its centre: half a pixel less. The default value is false, as in torchvision's
    /// detectors.
    /// </param>
    /// <returns>[K, C, size, size], of the map's type</returns>
    public static Tensor Pool(
        Tensor map, Tensor rois, int size, double scale, int samplingRatio = -1, bool aligned = false) =>
        PoolLevels([map], rois, size, [scale], null, samplingRatio, aligned);

    /// <summary>Pools each region from the level of a pyramid that its size says, in the regions' order.</summary>
    /// <param name="maps">[N, C, H, W] for each level, finest first, of the same N and C</param>
    /// <param name="rois">[K, 5]: (index of the image, x1, y1, x2, y2), in pixels of the image; K may be 0</param>
    /// <param name="size">Bins along each side.</param>
    /// <param name="scales">
    /// Each map's pixels to the image's, as <see cref="LevelMapper.Scale"/> tells: 1/4, 1/8, 1/16, 1/32.
    /// </param>
    /// <param name="mapper">Says the level. The default value is <see cref="LevelMapper.For"/> the scales.</param>
    /// <param name="samplingRatio">As in <see cref="Pool"/>. The default value is 2.</param>
    /// <param name="aligned">As in <see cref="Pool"/>. The default value is false.</param>
    /// <returns>[K, C, size, size], of the maps' type</returns>
    public static Tensor PoolLevels(
        IReadOnlyList<Tensor> maps, Tensor rois, int size, IReadOnlyList<double> scales, LevelMapper? mapper = null,
        int samplingRatio = 2, bool aligned = false)
    {
        Require(maps, rois, size, scales);
        using var scope = torch.NewDisposeScope();
        var (first, type) = (maps[0], maps[0].dtype);
        // Half precision is pooled in single precision: a sum of few terms, rounded once.
        IReadOnlyList<Tensor> wide = type is torch.ScalarType.Float32 or torch.ScalarType.Float64
            ? maps : [.. maps.Select(map => map.to(torch.float32))];
        var levels = maps.Count == 1 ? new long[rois.shape[0]] : Levels(rois, mapper ?? LevelMapper.For(scales));
        var bins = type == torch.ScalarType.Float64
            ? Bins<double>(wide, rois, levels, size, scales, samplingRatio, aligned)
            : Bins<float>(wide, rois, levels, size, scales, samplingRatio, aligned);
        // [K size size, C] is [K, C, size, size] in channels-last.
        return bins.view(rois.shape[0], size, size, first.shape[1]).permute(0, 3, 1, 2).to(type)
            .MoveToOuterDisposeScope();
    }

    /// <summary>Boxes of each image as regions: with the image's index in front.</summary>
    /// <param name="boxes">[K_i, 4] for each image; K_i may be 0</param>
    /// <returns>[sum of K_i, 5]</returns>
    public static Tensor Rois(IReadOnlyList<Tensor> boxes)
    {
        using var scope = torch.NewDisposeScope();
        return torch.cat([.. boxes.Select((of, image) =>
            torch.cat([torch.full([of.shape[0], 1], image, of.dtype, of.device), of], 1))]).MoveToOuterDisposeScope();
    }

    private static Tensor Bins<T>(
        IReadOnlyList<Tensor> maps, Tensor rois, long[] levels, int size, IReadOnlyList<double> scales,
        int samplingRatio, bool aligned)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var regions = ManagedCopy.Of<T>(rois);
        RequireImages(regions, maps[0].shape[0]);
        var (parts, order) = (new List<Tensor>(), new List<long>());
        for (var level = 0; level < maps.Count; level++)
        {
            var map = maps[level];
            var here = Enumerable.Range(0, levels.Length).Where(roi => levels[roi] == level).ToList();
            var taps = new RoiTaps<T>(size, scales[level], samplingRatio, aligned, map.shape[2], map.shape[3]);
            here.ForEach(roi => taps.Add(regions.AsSpan(5 * roi, 5)));
            order.AddRange(here.Select(roi => (long)roi));
            parts.Add(Bags(map.permute(0, 2, 3, 1).reshape(-1, map.shape[1]), taps));
        }

        // Level after level, so put back in the regions' order, a region's bins together.
        var together = parts.Count == 1 ? parts[0] : torch.cat(parts);
        return order.SequenceEqual(order.Order())
            ? together
            : together.view(levels.Length, -1).index_select(0, Inverse(order, together.device)).view(together.shape);
    }

    private static Tensor Bags<T>(Tensor rows, RoiTaps<T> taps)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // embedding_bag wants a bag; without one the gradient is of a map from which nothing was taken.
        if (taps.Starts.Count == 0)
        {
            return rows.narrow(0, 0, 0);
        }

        var device = rows.device;
        var weights = typeof(T) == typeof(double)
            ? torch.tensor(MemoryMarshal.Cast<T, double>(CollectionsMarshal.AsSpan(taps.Weights)).ToArray())
            : torch.tensor(MemoryMarshal.Cast<T, float>(CollectionsMarshal.AsSpan(taps.Weights)).ToArray());
        return (Tensor)Script.Value.invoke(
            "bags", rows, torch.tensor(taps.Positions.ToArray()).to(device),
            torch.tensor(taps.Starts.ToArray()).to(device), weights.to(device));
    }

    private static Tensor Inverse(List<long> order, torch.Device device)
    {
        var places = new long[order.Count];
        for (var place = 0; place < places.Length; place++)
        {
            places[order[place]] = place;
        }

        return torch.tensor(places).to(device);
    }

    private static long[] Levels(Tensor rois, LevelMapper mapper) =>
        ManagedCopy.Of<long>(mapper.Levels(rois.narrow(1, 1, 4)));

    private static void Require(IReadOnlyList<Tensor> maps, Tensor rois, int size, IReadOnlyList<double> scales)
    {
        if (maps.Count == 0 || maps.Count != scales.Count || maps.Any(map => map.dim() != 4
            || map.shape[0] != maps[0].shape[0] || map.shape[1] != maps[0].shape[1] || map.dtype != maps[0].dtype))
        {
            throw new KdException(
                $"RoiAlign: expected a map [N, C, H, W] for each of {scales.Count} scales, with one N, C and type, "
                + $"got {string.Join(", ", maps.Select(map => $"[{string.Join(", ", map.shape)}] {map.dtype}"))}.");
        }

        if (rois.dim() != 2 || rois.shape[1] != 5)
        {
            throw new KdException(
                $"RoiAlign: expected regions as [K, 5], got [{string.Join(", ", rois.shape)}]; a row is (index of the "
                + "image, x1, y1, x2, y2), and RoiAlign.Rois makes it from boxes.");
        }

        if (size <= 0 || scales.Any(scale => !(scale > 0)))
        {
            throw new KdException(
                $"RoiAlign: expected a size and scales above 0, got {size} and {string.Join(", ", scales)}; a map of "
                + "stride 4 has the scale 0.25.");
        }
    }

    private static void RequireImages<T>(T[] regions, long images)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var roi = 0; roi < regions.Length / 5; roi++)
        {
            var image = regions[5 * roi];
            if (!(image >= T.Zero && image < T.CreateChecked(images)))
            {
                throw new KdException(
                    $"RoiAlign: region {roi} is of image {image}, and the maps have {images}; images count from 0.");
            }
        }
    }
}
