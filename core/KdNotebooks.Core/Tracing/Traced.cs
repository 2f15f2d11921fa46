using static TorchSharp.torch.nn;

namespace KdNotebooks.Tracing;

/// <summary>
/// Operations that a network does without a module: each is TorchSharp's call of its kind, and is seen by an export. A
/// network of one's own that is made of modules and of these can be exported.
/// </summary>
public static class Traced
{
    /// <summary>max(x, 0), in x's place.</summary>
    public static Tensor ReLUInPlace(this Tensor x) => Trace.Current is { } trace
        ? trace.Do(new TraceOp.Each(Function.ReLU), [x], static x => x[0].relu_())
        : x.relu_();

    /// <summary>x + y, in x's place.</summary>
    public static Tensor AddInPlace(this Tensor x, Tensor y) => Trace.Current is { } trace
        ? trace.Do(new TraceOp.Add(), [x, y], static x => x[0].add_(x[1]))
        : x.add_(y);

    /// <summary>x + y.</summary>
    public static Tensor Plus(this Tensor x, Tensor y) => Trace.Current is { } trace
        ? trace.Do(new TraceOp.Add(), [x, y], static x => x[0].add(x[1]))
        : x.add(y);

    /// <summary>x y, number by number; a size of 1 is repeated.</summary>
    public static Tensor Times(this Tensor x, Tensor y) => Trace.Current is { } trace
        ? trace.Do(new TraceOp.Times(), [x, y], static x => x[0].mul(x[1]))
        : x.mul(y);

    /// <summary>Maps [N, C, ...], the channels of one behind those of the one before.</summary>
    public static Tensor Beside(params IReadOnlyList<Tensor> maps) => Trace.Current is { } trace
        ? trace.Do(new TraceOp.Concat(1), maps, static maps => torch.cat([.. maps], 1))
        : torch.cat([.. maps], 1);

    /// <summary>Some of the channels: a view.</summary>
    /// <param name="x">[N, C, ...].</param>
    /// <param name="first">From 0.</param>
    /// <param name="count">How many.</param>
    public static Tensor Channels(this Tensor x, long first, long count) => Trace.Current is { } trace
        ? trace.Do(new TraceOp.Slice(1, first, first + count, 1), [x], _ => x.narrow(1, first, count))
        : x.narrow(1, first, count);

    /// <summary>Each step-th row and column, from the first on: a view.</summary>
    /// <param name="x">[N, C, H, W].</param>
    /// <param name="step">At least 1.</param>
    public static Tensor EveryNth(this Tensor x, long step) => Every(Every(x, 2, step), 3, step);

    /// <summary>[N, ...] to [N, C].</summary>
    public static Tensor Flat(this Tensor x) => Trace.Current is { } trace
        ? trace.Do(new TraceOp.Flatten(), [x], static x => x[0].flatten(1))
        : x.flatten(1);

    /// <summary>Means over cells that cover the map: [N, C, H, W] to [N, C, cells, cells].</summary>
    public static Tensor CellMeans(this Tensor x, long cells) => Trace.Current is { } trace
        ? trace.Do(new TraceOp.Cells(cells, cells), [x], _ => functional.adaptive_avg_pool2d(x, [cells, cells]))
        : functional.adaptive_avg_pool2d(x, [cells, cells]);

    /// <summary>Bilinear, between the centres of positions: [N, C, H, W] to [N, C, height, width].</summary>
    public static Tensor Resized(this Tensor x, long height, long width)
    {
        return Trace.Current is { } trace ? trace.Do(new TraceOp.Resize(height, width), [x], _ => Resize()) : Resize();

        Tensor Resize() => functional.interpolate(
            x, [height, width], mode: torch.InterpolationMode.Bilinear, align_corners: false);
    }

    /// <summary>Says that a tensor has the numbers of another: a copy, another layout.</summary>
    internal static Tensor Same(Tensor x, Tensor copy) =>
        Trace.Current is { } trace ? trace.Do(new TraceOp.Same(), [x], _ => copy) : copy;

    private static Tensor Every(Tensor x, int axis, long step) => Trace.Current is { } trace
        ? trace.Do(new TraceOp.Slice(axis, 0, x.shape[axis], step), [x], _ => x.slice(axis, 0, x.shape[axis], step))
        : x.slice(axis, 0, x.shape[axis], step);
}
