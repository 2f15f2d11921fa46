using KdNotebooks.Runtime;

namespace KdNotebooks.Ops;

/// <summary>
/// The boxes that a dense head starts from: at each position of each level one for each ratio and size, as
/// torchvision's AnchorGenerator. Corners of a cell's anchors are rounded to whole pixels (half to even); a level's
/// stride is the image's size divided by the map's, rounded down.
/// </summary>
/// <remarks>Order: level by level, row by row, position by position; there ratio by ratio, size by size.</remarks>
public sealed record Anchors
{
    /// <param name="sizes">For each level, side lengths of the square with an anchor's area, in pixels.</param>
    /// <param name="ratios">Height to width, the same at each level.</param>
    public Anchors(IReadOnlyList<IReadOnlyList<double>> sizes, IReadOnlyList<double> ratios)
    {
        var wrong = sizes.SelectMany(level => level).Concat(ratios).FirstOrDefault(value => !(value > 0), 1);
        if (sizes.Count == 0 || ratios.Count == 0 || wrong is not > 0 || sizes.Any(level => level.Count == 0))
        {
            throw new KdException(
                "Anchors: expected at least one size above 0 for each level and one ratio above 0, got "
                + $"[{string.Join("; ", sizes.Select(level => string.Join(", ", level)))}] and "
                + $"[{string.Join(", ", ratios)}]; for a pyramid of five levels sizes are 32, 64, 128, 256, 512.");
        }

        (Sizes, Ratios) = (sizes, ratios);
    }

    public IReadOnlyList<IReadOnlyList<double>> Sizes { get; }

    public IReadOnlyList<double> Ratios { get; }

    /// <summary>Of an RPN on a pyramid: one size a level, 32 to 512, ratios 1:2, 1:1 and 2:1.</summary>
    public static Anchors Rpn { get; } = new([[32], [64], [128], [256], [512]], [0.5, 1, 2]);

    /// <summary>
    /// Of RetinaNet: three sizes a level, a third of an octave apart and cut to whole pixels as torchvision does.
    /// </summary>
    public static Anchors RetinaNet { get; } = new(
        [.. new[] { 32, 64, 128, 256, 512 }.Select(size => (IReadOnlyList<double>)
            [size, (int)(size * Math.Pow(2, 1.0 / 3)), (int)(size * Math.Pow(2, 2.0 / 3))])],
        [0.5, 1, 2]);

    /// <summary>How many anchors a position of a level has.</summary>
    public int PerPosition(int level) => Sizes[level].Count * Ratios.Count;

    /// <summary>All anchors, the same for each image of a batch.</summary>
    /// <param name="height">Of the batch's images, padding included, in pixels.</param>
    /// <param name="width">Of the batch's images, padding included, in pixels.</param>
    /// <param name="maps">[N, C, H, W] for each level, finest first</param>
    /// <returns>[A, 4], of the first map's type and device</returns>
    public Tensor Over(long height, long width, IReadOnlyList<Tensor> maps)
    {
        using var scope = torch.NewDisposeScope();
        return torch.cat([.. Levels(height, width, maps)]).MoveToOuterDisposeScope();
    }

    /// <summary>The same, for each level.</summary>
    /// <returns>[A of the level, 4] each</returns>
    public IReadOnlyList<Tensor> Levels(long height, long width, IReadOnlyList<Tensor> maps)
    {
        if (maps.Count != Sizes.Count)
        {
            throw new KdException(
                $"Anchors: expected {Sizes.Count} maps, one for each level's sizes, got {maps.Count}; give sizes for "
                + $"{maps.Count} levels.");
        }

        return [.. maps.Select((map, level) => Level(level, height, width, map.shape[^2], map.shape[^1])
            .to(maps[0].dtype, maps[0].device))];
    }

    /// <summary>A position's anchors around (0, 0).</summary>
    /// <returns>[PerPosition(level), 4] float32</returns>
    public Tensor Cell(int level)
    {
        using var scope = torch.NewDisposeScope();
        // In float32 and in torchvision's order of operations: half pixels are rounded alike.
        var sizes = torch.tensor(Sizes[level].Select(size => (float)size).ToArray());
        var heights = torch.tensor(Ratios.Select(ratio => (float)ratio).ToArray()).sqrt();
        var (width, height) = ((1 / heights).unsqueeze(1) * sizes, heights.unsqueeze(1) * sizes); // [ratios, sizes]
        var (x, y) = (width.view(-1), height.view(-1));
        return (torch.stack([-x, -y, x, y], 1) / 2).round().MoveToOuterDisposeScope();
    }

    private Tensor Level(int level, long height, long width, long rows, long columns)
    {
        using var scope = torch.NewDisposeScope();
        var y = (torch.arange(rows, dtype: torch.float32) * (height / rows)).unsqueeze(1).expand(rows, columns);
        var x = (torch.arange(columns, dtype: torch.float32) * (width / columns)).expand(rows, columns);
        var shifts = torch.stack([x, y, x, y], -1).view(-1, 1, 4); // [H W, 1, 4]
        return (shifts + Cell(level)).view(-1, 4).MoveToOuterDisposeScope();
    }
}
