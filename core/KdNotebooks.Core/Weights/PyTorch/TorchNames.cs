using ScalarType = TorchSharp.torch.ScalarType;

namespace KdNotebooks.Weights.PyTorch;

/// <summary>The names of PyTorch's that a file of weights needs. What is not here is not built.</summary>
internal static class TorchNames
{
    private static readonly TorchType Untyped = new("untyped", null, 1);

    // Name of the type, other names, name of its storage.
    private static readonly (TorchType Type, string[] Names, string Storage)[] Types =
    [
        (new("float32", ScalarType.Float32, 4), ["float"], "FloatStorage"),
        (new("float64", ScalarType.Float64, 8), ["double"], "DoubleStorage"),
        (new("float16", ScalarType.Float16, 2), ["half"], "HalfStorage"),
        (new("bfloat16", ScalarType.BFloat16, 2), [], "BFloat16Storage"),
        (new("int64", ScalarType.Int64, 8), ["long"], "LongStorage"),
        (new("int32", ScalarType.Int32, 4), ["int"], "IntStorage"),
        (new("int16", ScalarType.Int16, 2), ["short"], "ShortStorage"),
        (new("int8", ScalarType.Int8, 1), [], "CharStorage"),
        (new("uint8", ScalarType.Byte, 1), [], "ByteStorage"),
        (new("bool", ScalarType.Bool, 1), [], "BoolStorage"),
        // Known by their size alone, so that the storages behind them are found in a file without an index.
        (new("complex32", null, 4), ["chalf"], "ComplexHalfStorage"),
        (new("complex64", null, 8), ["cfloat"], "ComplexFloatStorage"),
        (new("complex128", null, 16), ["cdouble"], "ComplexDoubleStorage"),
        (new("uint16", null, 2), [], ""),
        (new("uint32", null, 4), [], ""),
        (new("uint64", null, 8), [], ""),
        (new("float8_e4m3fn", null, 1), [], ""),
        (new("float8_e5m2", null, 1), [], ""),
        (new("float8_e4m3fnuz", null, 1), [], ""),
        (new("float8_e5m2fnuz", null, 1), [], ""),
        (new("float8_e8m0fnu", null, 1), [], ""),
        (new("qint8", null, 1), [], "QInt8Storage"),
        (new("quint8", null, 1), [], "QUInt8Storage"),
        (new("qint32", null, 4), [], "QInt32Storage"),
        (new("quint4x2", null, 1), [], "QUInt4x2Storage"),
        (new("quint2x4", null, 1), [], "QUInt2x4Storage"),
    ];

    private static readonly Dictionary<string, object> Known = Table();

    /// <summary>The types that a tensor can have: "float32, float64, ...".</summary>
    public static string Readable { get; } =
        string.Join(", ", Types.Where(entry => entry.Type.Type is not null).Select(entry => entry.Type.Name));

    /// <returns>
    /// A <see cref="StorageClass"/>, <see cref="TorchType"/>, <see cref="TensorClass"/> or <see cref="TorchFunction"/>;
    /// null for whatever else there may be.
    /// </returns>
    public static object? Find(string module, string name) => Known.GetValueOrDefault($"{module}.{name}");

    private static Dictionary<string, object> Table()
    {
        var known = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["collections.OrderedDict"] = TorchFunction.OrderedDict,
            ["torch.Size"] = TorchFunction.Size,
            ["torch._utils._rebuild_tensor"] = TorchFunction.Tensor,
            ["torch._utils._rebuild_tensor_v2"] = TorchFunction.Tensor,
            ["torch._utils._rebuild_tensor_v3"] = TorchFunction.TypedTensor,
            ["torch._utils._rebuild_parameter"] = TorchFunction.Parameter,
            ["torch._utils._rebuild_parameter_with_state"] = TorchFunction.Parameter,
            ["torch._tensor._rebuild_from_type"] = TorchFunction.OfType,
            ["torch._tensor._rebuild_from_type_v2"] = TorchFunction.OfType,
            ["torch.Tensor"] = new TensorClass(),
            ["torch._tensor.Tensor"] = new TensorClass(),
            ["torch.nn.parameter.Parameter"] = new TensorClass(),
            ["torch.nn.parameter.Buffer"] = new TensorClass(),
            ["torch.UntypedStorage"] = new StorageClass(Untyped),
            ["torch.storage.UntypedStorage"] = new StorageClass(Untyped),
        };
        foreach (var (type, names, storage) in Types)
        {
            foreach (var name in names.Append(type.Name))
            {
                known[$"torch.{name}"] = type;
            }

            if (storage.Length > 0)
            {
                known[$"torch.{storage}"] = known[$"torch.cuda.{storage}"] = new StorageClass(type);
            }
        }

        return known;
    }
}

/// <summary>The functions that a file of weights calls, as far as they make tensors of storages.</summary>
internal enum TorchFunction
{
    OrderedDict, Size, Tensor, TypedTensor, Parameter, OfType,
}
