namespace KdNotebooks.Tests.Losses;

/// <summary>Maps as arrays, for numbers that are computed by plain loops.</summary>
internal static class Naive
{
    /// <returns>[N, C, H, W]</returns>
    public static double[,,,] Map(Tensor map) =>
        (double[,,,])map.detach().contiguous().data<double>().ToNDArray();

    /// <returns>[N][C], the means over the positions.</returns>
    public static double[][] Pooled(Tensor map)
    {
        var numbers = Map(map);
        return [.. Range(map, 0).Select(n => Range(map, 1).Select(c => Positions(map)
            .Average(at => numbers[n, c, at.Y, at.X])).ToArray())];
    }

    /// <summary>0, 1, ... along one axis.</summary>
    public static IEnumerable<int> Range(Tensor tensor, int axis) => Enumerable.Range(0, (int)tensor.shape[axis]);

    public static IEnumerable<(int Y, int X)> Positions(Tensor map) =>
        from y in Range(map, 2) from x in Range(map, 3) select (y, x);

    /// <summary>Every place of a map.</summary>
    public static IEnumerable<(int N, int C, int Y, int X)> Places(Tensor map) =>
        from n in Range(map, 0) from c in Range(map, 1) from at in Positions(map) select (n, c, at.Y, at.X);

    /// <summary>Means over bins as equal as whole positions allow: from floor(i H / h) to ceil((i + 1) H / h).</summary>
    public static double[,,,] Pool(Tensor map, int height, int width)
    {
        var (numbers, images, channels) = (Map(map), (int)map.shape[0], (int)map.shape[1]);
        var pooled = new double[images, channels, height, width];
        foreach (var (n, c) in from n in Range(map, 0) from c in Range(map, 1) select (n, c))
        {
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width; x++)
                {
                    pooled[n, c, y, x] = (from v in Bin(y, (int)map.shape[2], height)
                                          from u in Bin(x, (int)map.shape[3], width)
                                          select numbers[n, c, v, u]).Average();
                }
            }
        }

        return pooled;

        static IEnumerable<int> Bin(int i, int size, int bins)
        {
            var (from, to) = (i * size / bins, (((i + 1) * size) + bins - 1) / bins);
            return Enumerable.Range(from, to - from);
        }
    }
}
