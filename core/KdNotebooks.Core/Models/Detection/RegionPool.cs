using KdNotebooks.Data;
using KdNotebooks.Ops;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models.Detection;

/// <summary>
/// Regions of images as maps of one size, each from the level that its size says. A module, though without weights, so that
/// it can be tapped; name as in torchvision (<c>box_roi_pool</c>).
/// </summary>
/// <param name="side">Of a pooled map.</param>
internal sealed class RegionPool(int side) : Module<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>, ImageSize, Tensor>(nameof(RegionPool))
{
    private const int SamplesABin = 2, PooledLevels = 4;

    /// <param name="levels">[N, C, H_l, W_l], the finest first; the topmost of a pyramid's five is for proposals alone.</param>
    /// <param name="regions">An image each: [n, 4].</param>
    /// <param name="image">Height and width of the batch's images.</param>
    /// <returns>[R, C, S, S].</returns>
    public override Tensor forward(IReadOnlyList<Tensor> levels, IReadOnlyList<Tensor> regions, ImageSize image) =>
        Of(levels, regions, image, side);

    /// <inheritdoc cref="forward"/>
    public static Tensor Of(IReadOnlyList<Tensor> levels, IReadOnlyList<Tensor> regions, ImageSize image, int side) =>
        RoiAlign.PoolLevels(
            [.. levels.Take(PooledLevels)], RoiAlign.Rois(regions), side,
            [.. levels.Take(PooledLevels).Select(level => LevelMapper.Scale(level, image.Height))],
            samplingRatio: SamplesABin);
}

/// <summary>
/// A detector's pyramid, pooled where another detector's second stage looks: Li et al. 2017 (CVPR), section 3, who hold a
/// student's features to its teacher's at the proposals of the student. Any detector on a pyramid can be the teacher.
/// </summary>
/// <param name="Levels">Paths of the pyramid's levels, the finest first.</param>
internal sealed record RegionMaps(IReadOnlyList<string> Levels) : IDerivedMap
{
    /// <summary>Where it stands in a teacher, as the student's own pooled regions do.</summary>
    public const string Path = $"roi_heads.{Pool}";

    public const string Pool = "box_roi_pool";

    public const int Side = 7;

    IReadOnlyList<string> IDerivedMap.Sources => Levels;

    public long[] Shape(IReadOnlyList<long[]> sources) => [sources[0][0], Side, Side];

    public Tensor Make(IReadOnlyList<Tensor> sources, IOutputs student, Batch batch)
    {
        var regions = (student as RegionDetections)?.Regions ?? throw new Runtime.KdException(
            $"the teacher's '{Path}' are its features at its student's proposals, and the student gives "
            + $"{student.GetType().Name} without any; expected a detector of two stages (faster-rcnn).");
        using var noGrad = torch.no_grad();
        return RegionPool.Of(sources, regions, batch.Whole, Side);
    }
}
