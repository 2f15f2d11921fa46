using KdNotebooks.Runtime;
using TorchSharp.Modules;

namespace KdNotebooks.Tracing;

/// <summary>TorchSharp's modules that are one operation each.</summary>
internal static class TraceModules
{
    /// <summary>Their names, for messages.</summary>
    public const string Known =
        "Conv2d, BatchNorm2d, Linear, ReLU, ReLU6, LeakyReLU, Sigmoid, Tanh, Hardsigmoid, Hardswish, SiLU, MaxPool2d, AvgPool2d, "
        + "AdaptiveAvgPool2d, Flatten, Dropout, Identity";

    /// <returns>Null for a module that is made of others, or is not known.</returns>
    /// <exception cref="KdException">It is known, and one of its options is not.</exception>
    public static TraceOp? Of(nn.Module module, string path) => module switch
    {
        ITraced own => own.Operation,
        Conv2d conv => Convolution(conv, path),
        BatchNorm2d norm => new TraceOp.Norm(
            norm.weight, norm.bias, norm.running_mean ?? throw Option(module, path, "without running statistics"),
            norm.running_var!, norm.eps),
        Linear linear => new TraceOp.Linear(linear.weight!, linear.bias),
        ReLU => new TraceOp.Each(Function.ReLU),
        ReLU6 => new TraceOp.Each(Function.ReLU6),
        LeakyReLU leaky => new TraceOp.Each(Function.LeakyReLU, leaky.negative_slope),
        Sigmoid => new TraceOp.Each(Function.Sigmoid),
        Tanh => new TraceOp.Each(Function.Tanh),
        Hardsigmoid => new TraceOp.Each(Function.HardSigmoid),
        Hardswish => new TraceOp.Each(Function.HardSwish),
        SiLU => new TraceOp.Each(Function.SiLU),
        MaxPool2d pool => new TraceOp.MaxPool(
            Two(pool.kernel_size), Two(pool.stride ?? pool.kernel_size), Two(pool.padding ?? [0]), Two(pool.dilation ?? [1]), pool.ceil_mode),
        AvgPool2d { divisor_override: null or 0 } pool => new TraceOp.MeanPool(
            Two(pool.kernel_size), Two(pool.stride ?? pool.kernel_size), Two(pool.padding ?? [0]), pool.ceil_mode, pool.count_include_pad),
        AvgPool2d => throw Option(module, path, "with a divisor of its own"),
        AdaptiveAvgPool2d pool => Two(pool.output_size) is [var height, var width] ? new TraceOp.Cells(height, width) : null,
        Flatten { start_dim: 1, end_dim: -1 } => new TraceOp.Flatten(),
        Flatten => throw Option(module, path, "of other axes than all from the second on"),
        Dropout or Dropout2d or Identity => new TraceOp.Same(),
        _ => null,
    };

    private static TraceOp.Conv Convolution(Conv2d conv, string path)
    {
        if (conv.padding_mode != PaddingModes.Zeros)
        {
            throw Option(conv, path, $"with padding '{conv.padding_mode}'");
        }

        var (kernel, dilation, stride) = (Two(conv.kernel_size!), Two(conv.dilation!), Two(conv.stride!));
        var padding = conv.padding_type switch
        {
            null => Two(conv.padding!),
            Padding.Valid => [0, 0],
            _ when kernel.Zip(dilation).All(pair => (pair.First - 1) * pair.Second % 2 == 0) =>
                [.. kernel.Zip(dilation, (size, step) => (size - 1) * step / 2)],
            _ => throw Option(conv, path, "padded to the same size with an even kernel"),
        };
        return new TraceOp.Conv(conv.weight!, conv.bias, stride, padding, dilation, conv.groups);
    }

    private static long[] Two(long[] sizes) => sizes.Length == 1 ? [sizes[0], sizes[0]] : sizes;

    private static KdException Option(nn.Module module, string path, string option) => new(
        $"'{path}' is a {module.GetType().Name} {option}, which cannot be exported; expected one without.");
}
