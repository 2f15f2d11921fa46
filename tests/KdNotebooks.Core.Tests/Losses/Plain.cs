namespace KdNotebooks.Tests.Losses;

/// <summary>Arithmetic without tensors: the other way to compute what a loss computes, in plain loops.</summary>
internal static class Plain
{
    /// <summary>[N, ...] as N arrays in row-major order.</summary>
    public static double[][] Rows(Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        return [.. tensor.detach().contiguous().data<double>().ToArray().Chunk((int)(tensor.numel() / tensor.shape[0]))];
    }

    /// <summary>A map's channels of every image, each over its positions: [N][C][HW].</summary>
    public static double[][][] Channels(Tensor map) => [.. Rows(map).Select(image =>
        image.Chunk((int)(map.shape[2] * map.shape[3])).ToArray())];

    /// <summary>The spatial means [N][C].</summary>
    public static double[][] Pooled(Tensor map) => [.. Channels(map).Select(image =>
        image.Select(channel => channel.Average()).ToArray())];

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
