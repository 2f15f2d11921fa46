namespace KdNotebooks.Losses;

/// <summary>What keeps losses finite where a length is 0, and precise where a map is in half precision.</summary>
internal static class Numerics
{
    private const double Shortest = 1e-12;

    /// <summary>
    /// Vectors of length 1 along an axis: x / (|x| + softening). What is shorter than 1e-12 has no direction: it becomes
    /// 0 and passes no gradient, where a bound on the length would pass one of 1e12. The result belongs to the caller's
    /// scope.
    /// </summary>
    public static Tensor Unit(Tensor vectors, long axis, double softening = 0)
    {
        using var scope = torch.NewDisposeScope();
        var lengths = torch.linalg.vector_norm(vectors, dims: [axis], keepdim: true);
        return Unit(vectors, lengths, softening).MoveToOuterDisposeScope();
    }

    /// <summary>The same, where the lengths are known: 1 along the axis.</summary>
    public static Tensor Unit(Tensor vectors, Tensor lengths, double softening = 0)
    {
        using var scope = torch.NewDisposeScope();
        var divisors = softening == 0 ? lengths : lengths + softening;
        return (vectors / divisors.masked_fill(lengths < Shortest, double.PositiveInfinity)).MoveToOuterDisposeScope();
    }

    /// <summary>Single precision instead of half: for what is small beside a map, and rounded too much in half.</summary>
    public static torch.ScalarType AtLeastSingle(torch.ScalarType type) =>
        type is torch.ScalarType.BFloat16 or torch.ScalarType.Float16 ? torch.float32 : type;
}
