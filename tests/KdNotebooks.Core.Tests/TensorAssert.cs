namespace KdNotebooks.Tests;

/// <summary>What xunit does not know about tensors.</summary>
internal static class TensorAssert
{
    /// <summary>The largest difference is at most this share of the largest expected value.</summary>
    public static void Near(Tensor expected, Tensor actual, double relative)
    {
        using var scope = torch.NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        Assert.Equal(expected.dtype, actual.dtype);
        var (difference, size) = ((expected - actual).abs().max().ToDouble(), expected.abs().max().ToDouble());
        Assert.True(difference <= relative * size, $"They differ by {difference:G3}; the largest is {size:G3}.");
    }

    /// <summary>Equal to the last bit.</summary>
    public static void Same(Tensor expected, Tensor actual) => Near(expected, actual, 0);

    public static void Differ(Tensor one, Tensor other)
    {
        using var scope = torch.NewDisposeScope();
        Assert.False(one.eq(other).all().item<bool>());
    }
}

/// <summary>
/// Numbers without a generator: torch's is one for all threads, and tests of other classes draw from it meanwhile.
/// </summary>
internal static class Wave
{
    /// <summary>height * sin(step * i + start) over the flat row-major index i, float64.</summary>
    public static Tensor Of(long[] shape, double step = 0.37, double start = 0.1, double height = 1)
    {
        using var scope = torch.NewDisposeScope();
        var index = torch.arange(shape.Aggregate(1L, (a, b) => a * b), dtype: torch.float64);
        return ((index * step + start).sin() * height).view(shape).MoveToOuterDisposeScope();
    }

    /// <summary>The same in float32.</summary>
    public static Tensor Single(params long[] shape)
    {
        using var wave = Of(shape);
        return wave.to(torch.float32);
    }

    /// <summary>
    /// Gives a module weights that depend on their order alone, and running statistics far from where they start.
    /// </summary>
    public static TModule Fill<TModule>(TModule module)
        where TModule : nn.Module
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var start = 0.3;
        foreach (var (name, tensor) in module.state_dict().Where(entry => entry.Value.is_floating_point()))
        {
            var wave = Of(tensor.shape, 1.7, start++, tensor.dim() > 1 ? 0.4 : 0.5);
            tensor.copy_(name.EndsWith("running_var", StringComparison.Ordinal) ? wave + 1 : wave);
        }

        return module;
    }
}
