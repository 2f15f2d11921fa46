namespace KdNotebooks.Tracing;

/// <summary>What an operation of a forward pass does, whatever computed it. Tensors in it are the network's own.</summary>
internal abstract record TraceOp
{
    /// <summary>A 2-d convolution.</summary>
    /// <param name="Weight">[C', C / groups, h, w].</param>
    /// <param name="Bias">[C'].</param>
    internal sealed record Conv(
        Tensor Weight, Tensor? Bias, IReadOnlyList<long> Stride, IReadOnlyList<long> Padding, IReadOnlyList<long> Dilation,
        long Groups) : TraceOp;

    /// <summary>Batch normalization by running statistics; all [C], weight and bias null for 1 and 0.</summary>
    internal sealed record Norm(Tensor? Weight, Tensor? Bias, Tensor Mean, Tensor Variance, double Epsilon) : TraceOp;

    /// <param name="Weight">[K, C].</param>
    internal sealed record Linear(Tensor Weight, Tensor? Bias) : TraceOp;

    /// <summary>A function of each number alone.</summary>
    /// <param name="Slope">Of a leaky ReLU, below 0.</param>
    internal sealed record Each(Function Function, double Slope = 0) : TraceOp;

    internal sealed record Add : TraceOp;

    internal sealed record Times : TraceOp;

    internal sealed record Concat(long Axis) : TraceOp;

    internal sealed record MaxPool(
        IReadOnlyList<long> Kernel, IReadOnlyList<long> Stride, IReadOnlyList<long> Padding, IReadOnlyList<long> Dilation,
        bool Ceiling) : TraceOp;

    /// <param name="CountPadding">Whether the padding's zeros count.</param>
    internal sealed record MeanPool(
        IReadOnlyList<long> Kernel, IReadOnlyList<long> Stride, IReadOnlyList<long> Padding, bool Ceiling, bool CountPadding)
        : TraceOp;

    /// <summary>Means over cells that cover the map, whatever its size.</summary>
    internal sealed record Cells(long Height, long Width) : TraceOp;

    /// <summary>All axes from the second on become one.</summary>
    internal sealed record Flatten : TraceOp;

    /// <summary>Positions first, first + step, ... below end of one axis.</summary>
    internal sealed record Slice(long Axis, long First, long End, long Step) : TraceOp;

    /// <summary>Takes the channels of so many groups in turn.</summary>
    internal sealed record Shuffle(long Groups) : TraceOp;

    /// <summary>Bilinear, between the centres of positions.</summary>
    internal sealed record Resize(long Height, long Width) : TraceOp;

    /// <summary>Gives what it takes: another layout in memory, dropout outside of training.</summary>
    internal sealed record Same : TraceOp;
}

/// <summary>Functions of one number.</summary>
internal enum Function
{
    ReLU, ReLU6, LeakyReLU, Sigmoid, Tanh, HardSigmoid, HardSwish, SiLU,
}

/// <summary>An operation between values, which are counted as they come to be; value 0 is the input.</summary>
/// <param name="Inputs">The values that it takes.</param>
/// <param name="Output">The value that it gives.</param>
/// <param name="Shapes">Of its first input and of its output, with as many images as were looked at.</param>
/// <param name="Where">The module within which it was done: "layer1.0.conv1"; "" is the network itself.</param>
internal sealed record TraceStep(
    TraceOp Op, IReadOnlyList<int> Inputs, int Output, (IReadOnlyList<long> Input, IReadOnlyList<long> Output) Shapes,
    string Where);

/// <summary>The operations of one forward pass, in their order.</summary>
/// <param name="Result">The value that the network gives.</param>
internal sealed record TraceGraph(IReadOnlyList<TraceStep> Steps, int Result, IReadOnlyList<long> Input, IReadOnlyList<long> Output);

/// <summary>A module that is one operation of its own kind.</summary>
internal interface ITraced
{
    TraceOp Operation { get; }
}
