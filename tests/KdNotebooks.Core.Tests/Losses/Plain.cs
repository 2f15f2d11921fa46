namespace KdNotebooks.Tests.Losses;

/// <summary>Arithmetic without tensors: the other way to compute what a loss computes, in plain loops.</summary>
internal static class Plain
{
    /// <summary>[N, ...] as N arrays in row-major order.</summary>
    public static double[][] Rows(Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        var length = (int)(tensor.numel() / tensor.shape[0]);
        return [.. tensor.detach().contiguous().data<double>().ToArray().Chunk(length)];
    }

    /// <summary>A map's channels of every image, each over its positions: [N][C][HW].</summary>
    public static double[][][] Channels(Tensor map) => [.. Rows(map).Select(image =>
        image.Chunk((int)(map.shape[2] * map.shape[3])).ToArray())];

    /// <summary>The spatial means [N][C].</summary>
    public static double[][] Pooled(Tensor map) => [.. Channels(map).Select(image =>
        image.Select(channel => channel.Average()).ToArray())];

    /// <summary>A map as an array [N, C, H, W].</summary>
    public static double[,,,] Map(Tensor map) =>
        (double[,,,])map.detach().contiguous().data<double>().ToNDArray();

    /// <summary>0, 1, ... along one axis.</summary>
    public static IEnumerable<int> Range(Tensor tensor, int axis) => Enumerable.Range(0, (int)tensor.shape[axis]);

    public static IEnumerable<(int Y, int X)> Positions(Tensor map) =>
        from y in Range(map, 2) from x in Range(map, 3) select (y, x);

    /// <summary>Every place of a map.</summary>
    public static IEnumerable<(int N, int C, int Y, int X)> Places(Tensor map) =>
        from n in Range(map, 0) from c in Range(map, 1) from at in Positions(map) select (n, c, at.Y, at.X);

    /// <summary>Means over bins as equal as can be: from floor(i H / h) to ceil((i + 1) H / h).</summary>
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

    public static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    public static double Length(double[] a) => Math.Sqrt(Dot(a, a));

    public static double[] Minus(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x - y)];

    public static double[] Unit(double[] a)
    {
        var length = Length(a);
        return [.. a.Select(x => length == 0 ? 0 : x / length)];
    }

    /// <summary>exp(z / T) over their sum.</summary>
    public static double[] Softmax(IEnumerable<double> logits, double temperature = 1)
    {
        double[] powers = [.. logits.Select(z => Math.Exp(z / temperature))];
        return [.. powers.Select(power => power / powers.Sum())];
    }

    /// <summary>Kullback-Leibler divergence of q from p.</summary>
    public static double Divergence(double[] p, double[] q) => p.Zip(q, (x, y) => x * Math.Log(x / y)).Sum();
}
