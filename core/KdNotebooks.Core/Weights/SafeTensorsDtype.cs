using ScalarType = TorchSharp.torch.ScalarType;

namespace KdNotebooks.Weights;

/// <summary>The element types that safetensors and TorchSharp share: the format's name, and bytes an element.</summary>
/// <remarks>The format's U16, U32, U64 and 8-bit floats have no counterpart in TorchSharp and are refused.</remarks>
internal static class SafeTensorsDtype
{
    private static readonly (string Name, ScalarType Type, int Size)[] Table =
    [
        ("F16", ScalarType.Float16, 2),
        ("BF16", ScalarType.BFloat16, 2),
        ("F32", ScalarType.Float32, 4),
        ("F64", ScalarType.Float64, 8),
        ("I8", ScalarType.Int8, 1),
        ("I16", ScalarType.Int16, 2),
        ("I32", ScalarType.Int32, 4),
        ("I64", ScalarType.Int64, 8),
        ("U8", ScalarType.Byte, 1),
        ("BOOL", ScalarType.Bool, 1),
    ];

    internal static string Known { get; } = string.Join(", ", Table.Select(row => row.Name));

    /// <returns>The format's name, or null for a type that the format cannot hold.</returns>
    internal static string? NameOf(ScalarType type) => Table.FirstOrDefault(row => row.Type == type).Name;

    internal static int SizeOf(ScalarType type) => Table.First(row => row.Type == type).Size;

    internal static bool TryParse(string? name, out ScalarType type)
    {
        var row = Table.FirstOrDefault(row => row.Name == name);
        type = row.Type;
        return row.Name is not null;
    }
}
