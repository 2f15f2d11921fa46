using KdNotebooks.Runtime;
using KdNotebooks.Tracing;

namespace KdNotebooks.Weights.Onnx;

/// <summary>Writes each operation of a trace in ONNX's, of opset 13.</summary>
internal sealed class OnnxSteps(OnnxGraph graph)
{
    /// <param name="inputs">The names of the values that it takes.</param>
    /// <param name="wanted">A name for what it gives.</param>
    /// <returns>The name of what it gives.</returns>
    /// <exception cref="KdException">ONNX computes it otherwise, or has none of it.</exception>
    public string Write(TraceStep step, IReadOnlyList<string> inputs, string wanted) => step.Op switch
    {
        TraceOp.Conv conv => Convolution(step.Where, conv, inputs[0], wanted),
        TraceOp.Norm norm => graph.Add(
            "BatchNormalization", wanted,
            [
                inputs[0], Channel(step.Where, "weight", norm.Weight, norm.Mean, 1), Channel(step.Where, "bias", norm.Bias, norm.Mean, 0),
                graph.Constant($"{step.Where}.running_mean", norm.Mean), graph.Constant($"{step.Where}.running_var", norm.Variance),
            ],
            OnnxGraph.Of("epsilon", (float)norm.Epsilon)),
        TraceOp.Linear linear => Linear(step, linear, inputs[0], wanted),
        TraceOp.Each each => Each(each, inputs[0], wanted),
        TraceOp.Add => graph.Add("Add", wanted, inputs),
        TraceOp.Times => graph.Add("Mul", wanted, inputs),
        TraceOp.Concat concat => graph.Add("Concat", wanted, inputs, OnnxGraph.Of("axis", concat.Axis)),
        TraceOp.MaxPool pool => graph.Add(
            "MaxPool", wanted, inputs, OnnxGraph.Of("kernel_shape", pool.Kernel), OnnxGraph.Of("strides", pool.Stride),
            OnnxGraph.Of("pads", Twice(pool.Padding)), OnnxGraph.Of("dilations", pool.Dilation),
            OnnxGraph.Of("ceil_mode", Ceiling(step, pool.Ceiling, pool.Kernel, pool.Stride, pool.Padding, pool.Dilation, true))),
        TraceOp.MeanPool pool => graph.Add(
            "AveragePool", wanted, inputs, OnnxGraph.Of("kernel_shape", pool.Kernel), OnnxGraph.Of("strides", pool.Stride),
            OnnxGraph.Of("pads", Twice(pool.Padding)), OnnxGraph.Of("count_include_pad", pool.CountPadding ? 1 : 0),
            OnnxGraph.Of("ceil_mode", Ceiling(step, pool.Ceiling, pool.Kernel, pool.Stride, pool.Padding, [1, 1], false))),
        TraceOp.Cells cells => Cells(step, cells, inputs[0], wanted),
        TraceOp.Flatten => graph.Add("Flatten", wanted, inputs, OnnxGraph.Of("axis", 1)),
        TraceOp.Slice slice => graph.Add(
            "Slice", wanted,
            [
                inputs[0], graph.Constant($"{wanted}.first", slice.First), graph.Constant($"{wanted}.end", slice.End),
                graph.Constant($"{wanted}.axis", slice.Axis), graph.Constant($"{wanted}.step", slice.Step),
            ]),
        TraceOp.Shuffle shuffle => Shuffle(step, shuffle, inputs[0], wanted),
        TraceOp.Resize resize => Resize(resize, inputs[0], wanted),
        _ => throw new KdException($"'{step.Where}': {step.Op.GetType().Name} has no counterpart in ONNX here; leave it out."),
    };

    private static IEnumerable<long> Twice(IEnumerable<long> padding) => [.. padding, .. padding];

    private string Convolution(string where, TraceOp.Conv conv, string input, string wanted)
    {
        var weight = graph.Constant($"{where}.weight", conv.Weight);
        string[] inputs = conv.Bias is null ? [input, weight] : [input, weight, graph.Constant($"{where}.bias", conv.Bias)];
        return graph.Add(
            "Conv", wanted, inputs, OnnxGraph.Of("kernel_shape", conv.Weight.shape.Skip(2)), OnnxGraph.Of("strides", conv.Stride),
            OnnxGraph.Of("pads", Twice(conv.Padding)), OnnxGraph.Of("dilations", conv.Dilation), OnnxGraph.Of("group", conv.Groups));
    }

    private string Channel(string where, string name, Tensor? values, Tensor like, double otherwise)
    {
        using var scope = torch.NewDisposeScope();
        return graph.Constant($"{where}.{name}", values ?? torch.full_like(like, otherwise));
    }

    private string Linear(TraceStep step, TraceOp.Linear linear, string input, string wanted)
    {
        if (step.Shapes.Input.Count != 2)
        {
            throw new KdException(
                $"'{step.Where}': a Linear of {step.Shapes.Input.Count} axes cannot be exported; expected [N, C]. Flatten before it.");
        }

        var weight = graph.Constant($"{step.Where}.weight", linear.Weight);
        string[] inputs = linear.Bias is null ? [input, weight] : [input, weight, graph.Constant($"{step.Where}.bias", linear.Bias)];
        return graph.Add("Gemm", wanted, inputs, OnnxGraph.Of("transB", 1));
    }

    private string Each(TraceOp.Each each, string x, string wanted)
    {
        return each.Function switch
        {
            Function.ReLU => graph.Add("Relu", wanted, [x]),
            Function.ReLU6 => graph.Add("Clip", wanted, [x, Number($"{wanted}.least", 0), Number($"{wanted}.most", 6)]),
            Function.LeakyReLU => graph.Add("LeakyRelu", wanted, [x], OnnxGraph.Of("alpha", (float)each.Slope)),
            Function.Sigmoid => graph.Add("Sigmoid", wanted, [x]),
            Function.Tanh => graph.Add("Tanh", wanted, [x]),
            Function.HardSigmoid => HardSigmoid(wanted),
            // Opset 13 has neither as one.
            Function.HardSwish => graph.Add("Mul", wanted, [x, HardSigmoid($"{wanted}.gate")]),
            _ => graph.Add("Mul", wanted, [x, graph.Add("Sigmoid", $"{wanted}.gate", [x])]),
        };

        string HardSigmoid(string name) => graph.Add(
            "HardSigmoid", name, [x], OnnxGraph.Of("alpha", 1f / 6), OnnxGraph.Of("beta", 0.5f));

        string Number(string name, float value)
        {
            using var scope = torch.NewDisposeScope();
            return graph.Constant(name, torch.tensor(value));
        }
    }

    // PyTorch leaves out a last window that would begin in the padding; of means it counts otherwise than ONNX.
    private static long Ceiling(
        TraceStep step, bool ceiling, IReadOnlyList<long> kernel, IReadOnlyList<long> stride, IReadOnlyList<long> padding,
        IReadOnlyList<long> dilation, bool isAllowed)
    {
        if (!ceiling)
        {
            return 0;
        }

        var fits = true;
        for (var i = 0; i < 2; i++)
        {
            var room = step.Shapes.Input[2 + i] + (2 * padding[i]) - (dilation[i] * (kernel[i] - 1)) - 1;
            var (floor, up) = ((room / stride[i]) + 1, ((room + stride[i] - 1) / stride[i]) + 1);
            fits &= floor == up;
            if (floor != up && (!isAllowed || step.Shapes.Output[2 + i] != up))
            {
                throw new KdException(
                    $"'{step.Where}': a pooling that rounds its size up over {step.Shapes.Input[2]}x{step.Shapes.Input[3]} positions "
                    + "is computed otherwise by ONNX; export for a size that it divides.");
            }
        }

        return fits ? 0 : 1;
    }

    private string Cells(TraceStep step, TraceOp.Cells cells, string x, string wanted)
    {
        var (height, width) = (step.Shapes.Input[2], step.Shapes.Input[3]);
        if (cells is { Height: 1, Width: 1 })
        {
            return graph.Add("GlobalAveragePool", wanted, [x]);
        }

        if (height % cells.Height == 0 && width % cells.Width == 0)
        {
            long[] size = [height / cells.Height, width / cells.Width];
            return graph.Add("AveragePool", wanted, [x], OnnxGraph.Of("kernel_shape", size), OnnxGraph.Of("strides", size));
        }

        // Each mean is a sum with weights along rows, then along columns: cells overlap where they do not divide the map.
        using var scope = torch.NewDisposeScope();
        var columns = graph.Constant($"{wanted}.columns", Means(width, cells.Width).t()); // [W, w]
        var rows = graph.Constant($"{wanted}.rows", Means(height, cells.Height)); // [h, H]
        return graph.Add("MatMul", wanted, [rows, graph.Add("MatMul", $"{wanted}.along", [x, columns])]);
    }

    // [cells, size]: cell i covers floor(i size / cells) to ceil((i + 1) size / cells), as in PyTorch.
    private static Tensor Means(long size, long cells)
    {
        var means = new float[cells, size];
        for (var i = 0L; i < cells; i++)
        {
            var (first, end) = (i * size / cells, (((i + 1) * size) + cells - 1) / cells);
            for (var j = first; j < end; j++)
            {
                means[i, j] = 1f / (end - first);
            }
        }

        return torch.tensor(means);
    }

    // A size of 0 is the input's own: the number of images stays open.
    private string Shuffle(TraceStep step, TraceOp.Shuffle shuffle, string x, string wanted)
    {
        var (channels, height, width) = (step.Shapes.Input[1], step.Shapes.Input[2], step.Shapes.Input[3]);
        var apart = graph.Add(
            "Reshape", $"{wanted}.apart",
            [x, graph.Constant($"{wanted}.groups", 0, shuffle.Groups, channels / shuffle.Groups, height, width)]);
        var turned = graph.Add("Transpose", $"{wanted}.turned", [apart], OnnxGraph.Of("perm", [0, 2, 1, 3, 4]));
        return graph.Add("Reshape", wanted, [turned, graph.Constant($"{wanted}.size", 0, channels, height, width)]);
    }

    // Sizes, not scales, which would round; the number of images and channels are the input's own.
    private string Resize(TraceOp.Resize resize, string x, string wanted)
    {
        var shape = graph.Add("Shape", $"{wanted}.shape", [x]);
        var first = graph.Add(
            "Slice", $"{wanted}.images",
            [shape, graph.Constant($"{wanted}.from", 0), graph.Constant($"{wanted}.to", 2)]);
        var sizes = graph.Add(
            "Concat", $"{wanted}.sizes", [first, graph.Constant($"{wanted}.size", resize.Height, resize.Width)],
            OnnxGraph.Of("axis", 0));
        return graph.Add(
            "Resize", wanted, [x, "", "", sizes], OnnxGraph.Of("mode", "linear"),
            OnnxGraph.Of("coordinate_transformation_mode", "half_pixel"));
    }
}
