using Google.Protobuf;
using Onnx;

namespace KdNotebooks.Weights.Onnx;

/// <summary>An ONNX graph as it grows: nodes, and constants by their names.</summary>
internal sealed class OnnxGraph
{
    private readonly GraphProto graph = new();
    private readonly Dictionary<Tensor, string> constants = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, int> names = new(StringComparer.Ordinal);

    /// <summary>What was written; one value may be named once.</summary>
    public GraphProto Proto => graph;

    /// <summary>A name that no other value has: the first is as it is, the next ones are numbered.</summary>
    public string Name(string wanted)
    {
        var count = names[wanted] = names.GetValueOrDefault(wanted) + 1;
        return count == 1 ? wanted : Name($"{wanted}.{count}");
    }

    /// <summary>Adds an operation.</summary>
    /// <returns>The name of what it gives.</returns>
    public string Add(string type, string name, IEnumerable<string> inputs, params ReadOnlySpan<AttributeProto> attributes)
    {
        var output = Name(name);
        var node = new NodeProto { OpType = type, Name = $"{type} {output}" };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        foreach (var attribute in attributes)
        {
            node.Attribute.Add(attribute);
        }

        graph.Node.Add(node);
        return output;
    }

    /// <summary>A constant of a network's: float32, row-major. A tensor that is there already is not written again.</summary>
    /// <returns>Its name.</returns>
    public string Constant(string name, Tensor values)
    {
        if (constants.TryGetValue(values, out var known))
        {
            return known;
        }

        using var scope = torch.NewDisposeScope();
        var plain = values.detach().cpu().to(torch.float32).contiguous();
        var tensor = new TensorProto { Name = Name(name), DataType = (int)TensorProto.Types.DataType.Float };
        tensor.Dims.AddRange(plain.shape);
        var bytes = new byte[plain.numel() * sizeof(float)];
        TensorBytes.Visit(plain, (piece, offset) => piece.CopyTo(bytes.AsSpan((int)offset)));
        tensor.RawData = UnsafeByteOperations.UnsafeWrap(bytes);
        graph.Initializer.Add(tensor);
        return constants[values] = tensor.Name;
    }

    /// <summary>Whole numbers, as sizes and axes are given.</summary>
    public string Constant(string name, params ReadOnlySpan<long> values)
    {
        var tensor = new TensorProto { Name = Name(name), DataType = (int)TensorProto.Types.DataType.Int64 };
        tensor.Dims.Add(values.Length);
        foreach (var value in values)
        {
            tensor.Int64Data.Add(value);
        }

        graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    public static AttributeProto Of(string name, long value) =>
        new() { Name = name, I = value, Type = AttributeProto.Types.AttributeType.Int };

    public static AttributeProto Of(string name, float value) =>
        new() { Name = name, F = value, Type = AttributeProto.Types.AttributeType.Float };

    public static AttributeProto Of(string name, string value) => new()
    {
        Name = name,
        S = ByteString.CopyFromUtf8(value),
        Type = AttributeProto.Types.AttributeType.String,
    };

    public static AttributeProto Of(string name, IEnumerable<long> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.AddRange(values);
        return attribute;
    }
}
