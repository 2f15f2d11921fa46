namespace KdNotebooks.Losses;

/// <summary>What keeps losses finite where a length is 0, and precise where a map is in half precision.</summary>
internal static class Numerics
{
    /// <summary>
    /// Lengths, or their squares, to divide by: what is below 1e-30 becomes infinite, so that what is divided by it is
    /// 0 and passes no gradient. (Bounding the length from below by 1e-12, which is common, passes one of 1e12, and makes
    /// the scale of small vectors matter.) The result belongs to the caller's scope.
    /// </summary>
    public static Tensor Divisors(Tensor lengths)
    {
        using var none = lengths < 1e-30; // well above the smallest single
        return lengths.masked_fill(none, double.PositiveInfinity);
    }

    /// <summary>
    /// Vectors of length 1 along an axis, x / (|x| + softening); 0 where one has none. The result belongs to the
    /// caller's scope.
    /// </summary>
    public static Tensor Unit(Tensor vectors, long axis, double softening = 0)
    {
        using var scope = torch.NewDisposeScope();
        var divisors = Divisors(torch.linalg.vector_norm(vectors, dims: [axis], keepdim: true));
        return (vectors / (softening == 0 ? divisors : divisors + softening)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Kullback-Leibler divergence of the student's distribution from the teacher's, both as logarithms, summed as told;
    /// it belongs to the caller's scope.
    /// </summary>
    public static Tensor Divergence(Tensor student, Tensor teacher, nn.Reduction reduction) =>
        // log_target is named: TorchSharp's default is true, PyTorch's false.
        nn.functional.kl_div(student, teacher, log_target: true, reduction: reduction);

    /// <summary>Single precision instead of half: for what is few numbers beside a map, and needs them.</summary>
    public static torch.ScalarType AtLeastSingle(torch.ScalarType type) =>
        type is torch.ScalarType.BFloat16 or torch.ScalarType.Float16 ? torch.float32 : type;
}
