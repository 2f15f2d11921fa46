using KdNotebooks.Runtime;

namespace KdNotebooks.Metrics;

/// <summary>Pearson's correlation of every channel of one map with every channel of another.</summary>
public static class ChannelCorrelation
{
    /// <param name="one">[n, C1]: a row a position of an image. For maps see <see cref="Rows"/>.</param>
    /// <param name="other">[n, C2], the same positions.</param>
    /// <returns>
    /// [C1, C2] from -1 to 1, in double precision; NaN for a channel that is the same everywhere, which goes with
    /// nothing.
    /// </returns>
    /// <exception cref="KdException">No matrices, or another number of positions.</exception>
    public static double[,] Of(Tensor one, Tensor other)
    {
        if (one.dim() != 2 || other.dim() != 2 || one.shape[0] != other.shape[0] || one.shape[0] < 2)
        {
            throw new KdException(
                $"ChannelCorrelation: [{string.Join(", ", one.shape)}] and [{string.Join(", ", other.shape)}]; "
                + "expected [n, C1] and [n, C2] of the same positions, at least two.");
        }

        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var products = Standardized(one).t().matmul(Standardized(other)).cpu();
        var (rows, columns) = ((int)products.shape[0], (int)products.shape[1]);
        var result = new double[rows, columns];
        var flat = products.contiguous().data<double>().ToArray();
        Buffer.BlockCopy(flat, 0, result, 0, flat.Length * sizeof(double));
        return result;
    }

    /// <summary>Maps as rows of positions, [N, C, H, W] -> [N H W, C]; [N, C] as it is. Owned by the caller.</summary>
    public static Tensor Rows(Tensor map)
    {
        using var scope = torch.NewDisposeScope();
        return (map.dim() == 4 ? map.permute(0, 2, 3, 1).flatten(0, 2) : map.alias()).MoveToOuterDisposeScope();
    }

    // Centred columns of length 1; 0 / 0, NaN, where a column is constant up to rounding.
    private static Tensor Standardized(Tensor columns)
    {
        var precise = columns.to(torch.float64);
        var centred = precise - precise.mean([0], keepdim: true);
        var length = centred.norm(0, keepdim: true);
        var constant = length.le(precise.norm(0, keepdim: true) * 1e-7);
        return centred / length.masked_fill(constant, double.NaN);
    }
}
